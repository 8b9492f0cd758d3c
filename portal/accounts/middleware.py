from collections.abc import Callable
from functools import partial
from typing import Any, cast

from allauth.usersessions.models import UserSession
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import SimpleLazyObject
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.middleware import is_verified
from django_otp.models import Device

from portal.accounts.models import User
from portal.core.outage import best_effort

SEEN_EVERY = 300  # seconds


class SecondFactorMiddleware:
    """Sets ``otp_device`` and ``is_verified`` on the user of a request, as django-otp's middleware does; but takes the
    authenticator app from the query that read the user."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.user = cast(User, SimpleLazyObject(partial(_with_device, request, request.user)))
        return self.get_response(request)


def _with_device(request: HttpRequest, user: Any) -> Any:
    user.otp_device = _device(request, user) if user.is_authenticated else None
    user.is_verified = partial(is_verified, user)
    return user


def _device(request: HttpRequest, user: Any) -> Device | None:
    """The one that this session was verified with, as long as the person has it."""
    wanted = request.session.get(DEVICE_ID_SESSION_KEY)
    if not wanted:
        return None
    app = getattr(user, "authenticator", None)  # absent where there is none
    device = app if app and app.persistent_id == wanted else Device.from_persistent_id(wanted)
    if device is None or device.user_id != user.pk or not device.confirmed:
        del request.session[DEVICE_ID_SESSION_KEY]
        return None
    return device


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
