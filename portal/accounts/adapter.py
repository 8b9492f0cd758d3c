"""Where allauth's account flows meet django-otp's second factor, and the portal's rules."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.core import ratelimit
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from portal.accounts import events, known_browser, limits, mails, passwords
from portal.accounts.models import User
from portal.core import pages
from portal.core.network import client_address
from portal.jobs.outbox import enqueue

ACTIVATED = "activated"  # in the session: the address whose account was activated in this browser
EMAIL_LENGTH, PASSWORD_LENGTH = 254, passwords.LONGEST


def notify(user: User, name: str, **context: Any) -> None:
    """Notes in the security log, and mails the person, that something about the account's security changed."""
    adapter = get_adapter()
    events.record(user=user, action=name, by=user, ip=adapter.get_client_ip(adapter.request))
    adapter.send_notification_mail(f"account/email/{name}", user, context)


class AccountAdapter(DefaultAccountAdapter):
    # In the portal's words: what is wrong, and what to do.
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "E-mail address or password is wrong.",
        "enter_current_password": "This is not your current password.",
        "incorrect_password": "This password is wrong.",
        "too_many_login_attempts": "Too many failed attempts. Wait a few minutes and try again, or choose a new "
        "password: the link in our e-mail lets you in at once.",
        "rate_limited": "Too many attempts. Please wait a minute and try again.",
    }

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
        return [
            {"id": "otp_reauthenticate", "description": "Use your second factor", "url": reverse("otp_reauthenticate")}
        ]

    def is_safe_url(self, url: str | None) -> bool:
        """A page of this host: the other ALLOWED_HOSTS are no place to send somebody who just signed in, nor is an
        address that only takes forms."""
        return (
            url is not None
            and pages.is_page(url)
            and url_has_allowed_host_and_scheme(
                url, allowed_hosts={self.request.get_host()}, require_https=self.request.is_secure()
            )
        )

    def is_ajax(self, request: HttpRequest) -> bool:
        """allauth's JSON answers are a second, untested way through the same pages."""
        return False

    def clean_email(self, email: str) -> str:
        if len(email) > EMAIL_LENGTH:
            raise ValidationError(f"An e-mail address has at most {EMAIL_LENGTH} characters.", code="max_length")
        return email

    def clean_password(self, password: str, user: Any = None) -> str:
        password = passwords.one_form(password)
        if len(password) > PASSWORD_LENGTH:
            raise ValidationError(f"A password has at most {PASSWORD_LENGTH} characters.", code="max_length")
        return super().clean_password(password, user)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account_security")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        mails.send(
            template_prefix.rpartition("/")[2],
            to=email,
            **{key: value for key, value in context.items() if key not in ("email", "request")},
        )

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request) or super().get_client_ip(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        self._attempt = limits.password(request, credentials["email"])
        if not self._attempt.begin():
            raise self.validation_error("too_many_login_attempts")

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Who signed up and has not opened the link gets it again; whether somebody has is looked up by the job. The
        same work for every address."""
        email = credentials["email"].lower()
        if ratelimit.consume(request, action="sign_in_mail", key=email):
            enqueue("accounts.new_link", {"email": email, "sign_up": None})

    def _rollback_login_failed_rl_usage(self) -> None:
        self._attempt.roll_back()

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        limits.forgive(request, credentials["email"])

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        request.session.pop(ACTIVATED, None)
        response = super().post_login(request, user, **kwargs)
        known_browser.remember(request, response, user)
        return response
