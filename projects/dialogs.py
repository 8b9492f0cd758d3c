"""Answers of a view whose question stands in the page’s dialog (htmx) or, without JavaScript, on a page of its own."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django_htmx.http import HttpResponseClientRedirect


def in_dialog(request: HttpRequest) -> bool:
    """A request made again after a fresh code comes from a page."""
    return bool(getattr(request, "htmx", False))


def ask(request: HttpRequest, dialog: str, page: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """The question, or the same question again with what was wrong: it stays where it was asked."""
    if not in_dialog(request):
        return render(request, page, context, status=status)
    response = render(request, dialog, context, status=status)
    response["HX-Retarget"], response["HX-Reswap"] = "#modal", "innerHTML"
    return response


def leave(request: HttpRequest, to: str) -> HttpResponse:
    return HttpResponseClientRedirect(to) if in_dialog(request) else redirect(to)
