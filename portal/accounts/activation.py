"""The page behind the link in the activation mail: the password of the sign-up, or everything anew."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from portal.accounts import sign_ups
from portal.accounts.adapter import ACTIVATED
from portal.accounts.forms import ActivationAnewForm, ActivationForm, ResendForm
from portal.accounts.models import SignUp, User
from portal.accounts.sign_in import read_and_write
from portal.core.forms import form_status, sent

WRONG = (
    "This is not the password of a sign-up with this address. If you do not remember it, or someone else entered "
    "your address, set up your account with a new one below."
)


@never_cache
@login_not_required
@sensitive_post_parameters("password", "password1")
@read_and_write
def activate(request: HttpRequest, key: str) -> HttpResponse:
    """GET only shows: mail scanners follow links. ``?anew`` asks for everything instead of the password."""
    limited = ratelimit.consume_or_429(request, action="activate")
    if limited:
        return limited
    attempt = sign_ups.of_key(key, timezone.now())
    if attempt is None:
        return _dead_link(request)
    if request.method == "POST" and "discard" in request.POST:
        sign_ups.discard(attempt=attempt)
        messages.success(request, f"The sign-up for {attempt.email} was discarded. There is no account.")
        return redirect("account_login")
    return _anew(request, attempt) if "anew" in request.GET else _with_password(request, attempt)


def _dead_link(request: HttpRequest) -> HttpResponse:
    if request.method != "POST" and ACTIVATED in request.session:  # opened once more, in the browser that has used it
        return redirect("account_login")
    status = 410 if request.method == "POST" else 200
    return render(request, "account/email_confirm.html", {"form": ResendForm()}, status=status)


def _with_password(request: HttpRequest, attempt: SignUp) -> HttpResponse:
    form = ActivationForm(sent(request))
    if request.method == "POST" and form.is_valid():
        user = sign_ups.activate(
            attempt=attempt,
            password=form.cleaned_data["password"],
            now=timezone.now(),
            ip=get_adapter().get_client_ip(request),
        )
        if user is not None:
            return _sign_in(request, user)
        form.add_error("password", WRONG)
    return render(request, "account/activate.html", {"form": form, "address": attempt.email}, status=form_status(form))


def _anew(request: HttpRequest, attempt: SignUp) -> HttpResponse:
    form = ActivationAnewForm(
        sent(request), email=attempt.email, accept_language=request.headers.get("Accept-Language", "")
    )
    if request.method == "POST" and form.is_valid():
        user = sign_ups.activate_anew(
            attempt=attempt,
            person=form.person(),
            password=form.cleaned_data["password1"],
            now=timezone.now(),
            ip=get_adapter().get_client_ip(request),
        )
        return _sign_in(request, user) if user else _dead_link(request)
    return render(
        request, "account/activate_anew.html", {"form": form, "address": attempt.email}, status=form_status(form)
    )


def _sign_in(request: HttpRequest, user: User) -> Any:
    """On to the second factor: the password was typed just now, and the mailbox is theirs."""
    if request.user.is_authenticated:  # somebody else, in the same browser
        logout(request)
    record_authentication(request, user, method="password", email=user.email)
    request.session[ACTIVATED] = user.email
    return perform_login(request, Login(user=user, email=user.email))
