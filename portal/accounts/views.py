"""Sign-up and activation: allauth's views, with the gaps closed that show on a public site."""

from typing import Any

from allauth.account import views as allauth_views
from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.internal.flows.signup import prevent_enumeration
from allauth.account.internal.stagekit import unstash_login
from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django_altcha import AltchaChallengeView

from portal.accounts.allauth_forms import SignUp
from portal.accounts.forms import ResendForm

altcha_challenge = login_not_required(never_cache(
    AltchaChallengeView.as_view(max_number=settings.ALTCHA_MAX_NUMBER)))


class SignupView(allauth_views.SignupView):
    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"accept_language": self.request.headers.get("Accept-Language", "")}

    def form_valid(self, form: SignUp) -> HttpResponse:
        """The account and its activation mail, or neither. A known address takes the same time and answer."""
        if form.account_already_exists:
            make_password(form.cleaned_data["password1"])  # the time that creating the account would take
        try:
            with transaction.atomic():
                return super().form_valid(form)
        except IntegrityError:  # the same address was signed up in the meantime
            return prevent_enumeration(self.request, email=form.cleaned_data["email"])


class ConfirmEmailView(allauth_views.ConfirmEmailView):
    """A used, expired or mistyped link gets a page with a way on, not a 404."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            with transaction.atomic():
                return super().post(*args, **kwargs)
        except Http404:
            self.object = None
            return self.render_to_response(self.get_context_data(), status=410)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"form": ResendForm()}


@never_cache
@login_not_required
def verification_sent(request: HttpRequest) -> HttpResponse:
    """“Check your mail”, with the address if this session just gave it."""
    login = unstash_login(request, peek=True)
    address = (login.email or (login.user and login.user.email)) if login else None
    return render(request, "account/verification_sent.html", {
        "address": address, "form": ResendForm(initial={"email": address}),
        "expire_days": settings.ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS})


@never_cache
@login_not_required
@require_http_methods(["POST"])
def resend_confirmation(request: HttpRequest) -> HttpResponse:
    """Sends a new activation link if an account waits for one; the answer is the same either way."""
    limited = ratelimit.consume_or_429(request, action="resend_confirmation")
    if limited:
        return limited
    form = ResendForm(request.POST)
    if not form.is_valid():
        return render(request, "account/verification_sent.html", {"form": form, "address": None})
    email = form.cleaned_data["email"].lower()
    waiting = EmailAddress.objects.filter(email__iexact=email, verified=False, user__is_active=True).first()
    if waiting is not None:
        send_verification_email_to_address(request, waiting, signup=True)
    messages.info(request, f"If an account at {email} waits for activation, a new link is on its way.")
    return redirect("account_email_verification_sent")
