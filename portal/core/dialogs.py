"""Answers of a view whose question stands in the page’s dialog (htmx) or, without JavaScript, on a page of its own."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.core.htmx import is_htmx


def show(request: HttpRequest, dialog: str, page: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """The question, or the same question again with what was wrong: it stays where it was asked."""
    if not is_htmx(request):
        return render(request, page, context, status=status)
    response = render(request, dialog, context, status=status)
    response["HX-Retarget"], response["HX-Reswap"] = "#modal", "innerHTML"
    return response
