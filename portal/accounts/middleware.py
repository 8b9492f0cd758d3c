from collections.abc import Callable
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase

from portal.core.outage import best_effort

SEEN_EVERY = 300  # seconds


class VerifiedLoginRequiredMiddleware(LoginRequiredMiddleware):
    """Every view needs a login verified by a second factor, unless it is marked ``@login_not_required``."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: Any,
        view_kwargs: Any,
    ) -> HttpResponseBase | None:
        # The device was deleted, or the session did not come through the stage.
        # Logging out avoids a redirect loop.
        if request.user.is_authenticated and not request.user.is_verified():
            logout(request)
        return super().process_view(request, view_func, view_args, view_kwargs)


class SessionActivityMiddleware:
    """Notes where and when a session was last used, but not at every request: each note costs five queries."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated and cache.add(f"seen:{request.session.session_key}", 1, SEEN_EVERY):
            with best_effort("sessions.last_seen"):
                UserSession.objects.create_from_request(request)
        return self.get_response(request)
