"""Where allauth's account flows meet django-otp's second factor."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse

from portal.accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    def get_login_stages(self) -> list[str]:
        return [*super().get_login_stages(), "portal.accounts.stages.SecondFactorStage"]

    def login(self, request: HttpRequest, user: User) -> None:
        """The single place where allauth opens a session. Fails closed when the stage was lost."""
        if getattr(user, "otp_device", None) is None:
            raise PermissionDenied("second factor missing")
        super().login(request, user)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Only the second factor: a password that was stolen with the session must not be enough."""
        if not user.is_authenticated:
            return []
        return [{"id": "otp_reauthenticate", "description": "Use your second factor",
                 "url": reverse("otp_reauthenticate")}]
