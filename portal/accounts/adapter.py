"""Where allauth's account flows meet django-otp's second factor, and the portal's rules."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from portal.accounts.models import User
from portal.jobs.mail import brand

EMAIL_LENGTH, PASSWORD_LENGTH = 254, 1024


def on_site(url: str) -> str:
    """The same address on SITE_URL, whatever Host header the request carried."""
    site, parts = urlsplit(settings.SITE_URL), urlsplit(url)
    return urlunsplit((site.scheme, site.netloc, parts.path, parts.query, ""))


def notify(user: User, name: str, **context: Any) -> None:
    """Mails the person that something about the account's security changed."""
    get_adapter().send_notification_mail(f"account/email/{name}", user, context)


class AccountAdapter(DefaultAccountAdapter):
    # In the portal's words: what is wrong, and what to do.
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "E-mail address or password is wrong.",
        "enter_current_password": "This is not your current password.",
        "incorrect_password": "This password is wrong.",
        "too_many_login_attempts": "Too many failed attempts. Please wait five minutes and try again.",
        "rate_limited": "That was too often. Please wait a minute and try again.",
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
        return [{"id": "otp_reauthenticate", "description": "Use your second factor",
                 "url": reverse("otp_reauthenticate")}]

    def is_safe_url(self, url: str | None) -> bool:
        """Only this host: the other ALLOWED_HOSTS are no place to send somebody who just signed in."""
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={self.request.get_host()}, require_https=self.request.is_secure())

    def is_ajax(self, request: HttpRequest) -> bool:
        """allauth's JSON answers are a second, untested way through the same pages."""
        return False

    def clean_email(self, email: str) -> str:
        if len(email) > EMAIL_LENGTH:
            raise ValidationError(f"An e-mail address has at most {EMAIL_LENGTH} characters.", code="max_length")
        return email

    def clean_password(self, password: str, user: Any = None) -> str:
        if len(password) > PASSWORD_LENGTH:
            raise ValidationError(f"A password has at most {PASSWORD_LENGTH} characters.", code="max_length")
        return super().clean_password(password, user)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account_security")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        links = {key: on_site(value) for key, value in context.items() if key.endswith("_url")}
        super().send_mail(template_prefix, email, context | links | brand())

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """allauth puts the Host header into the key, so that each host name would give five more guesses."""
        return str(credentials.get("email", "")).lower()
