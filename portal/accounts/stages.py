"""The last stage of every login: the person is anonymous until a device has verified them."""

from allauth.account.internal.flows.login import record_authentication
from allauth.account.stages import LoginStage
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django_otp.models import Device


class SecondFactorStage(LoginStage):
    key = "second_factor"
    urlname = "second_factor"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        if self.login.user is None:  # the dummy login that hides which addresses are known: never let through
            return None, False
        self.state["password"] = self.login.user.get_session_auth_hash()
        self.request.session.cycle_key()  # a session fixed before the login must not reach the enrolment
        return HttpResponseRedirect(reverse(self.urlname)), True

    def still_valid(self) -> bool:
        """False when the account was put on hold, or its password or sessions key changed, since the password."""
        user = self.login.user
        return bool(
            user
            and user.is_active
            and constant_time_compare(self.state.get("password", ""), user.get_session_auth_hash())
        )

    def complete(self, device: Device | None) -> HttpResponse:
        """django-otp listens to ``user_logged_in`` and keeps ``user.otp_device`` in the session."""
        user = self.login.user
        user.otp_device = device
        if device is not None:  # counts as a fresh authentication: the code just used could not be used again
            record_authentication(self.request, user, method="mfa", type=type(device).__name__, reauthenticated=True)
        return self.exit()
