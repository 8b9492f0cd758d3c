from collections.abc import Callable
from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponseBase


class VerifiedLoginRequiredMiddleware(LoginRequiredMiddleware):
    """Every view needs a login verified by a second factor, unless it is marked ``@login_not_required``."""

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase], view_args: Any,
        view_kwargs: Any,
    ) -> HttpResponseBase | None:
        # The device was deleted, or the session did not come through the stage.
        # Logging out avoids a redirect loop.
        if request.user.is_authenticated and not request.user.is_verified():  # type: ignore[attr-defined]
            logout(request)
        return super().process_view(request, view_func, view_args, view_kwargs)
