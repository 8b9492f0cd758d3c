"""A button of a page that does one thing and shows a page again."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from portal.core.errors import DomainError
from portal.core.flash import BRIEF


def act_and_redirect(
    request: HttpRequest, act: Callable[[], object], *, done: str, to: str, refused: int = messages.ERROR
) -> HttpResponse:
    """Calls the service and goes on to the address ``to`` with a message: ``done``, or the rule that it raised as a
    DomainError, at the level ``refused``."""
    try:
        act()
    except DomainError as error:
        messages.add_message(request, refused, error.message)
    else:
        messages.success(request, done, extra_tags=BRIEF)
    return redirect(to)
