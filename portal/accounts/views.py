"""Sign-up and activation: allauth's views, with the gaps closed that show on a public site."""

from typing import Any

from allauth.account import views as allauth_views
from allauth.account.internal.stagekit import unstash_login
from allauth.account.models import get_emailconfirmation_model
from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django_altcha import AltchaChallengeView

from portal.accounts import known_browser, sign_ups
from portal.accounts.adapter import ACTIVATED
from portal.accounts.allauth_forms import SignUp
from portal.accounts.forms import ResendForm
from portal.core.errors import INVALID
from portal.core.pages import post_only
from portal.jobs.outbox import enqueue

SIGNED_UP = "signed_up"  # in the session: the sign-up that this browser sent

altcha_challenge = login_not_required(never_cache(AltchaChallengeView.as_view(max_number=settings.ALTCHA_MAX_NUMBER)))


class SignupView(allauth_views.SignupView):
    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"accept_language": self.request.headers.get("Accept-Language", "")}

    def form_valid(self, form: SignUp) -> HttpResponse:
        """Notes the attempt and queues its mail, which is another one when there is an account. The same work and
        answer for every address."""
        email = form.cleaned_data["email"].lower()
        mail = ratelimit.consume(self.request, action="confirm_email", key=email)
        with transaction.atomic():
            attempt = sign_ups.record(
                email=email, person=form.person(), password=form.cleaned_data["password1"], now=timezone.now()
            )
            if mail:  # beyond the limit a link that came before will do: each leads to every sign-up of its address
                enqueue("accounts.signed_up", {"sign_up": attempt.pk})
        self.request.session[SIGNED_UP] = {"id": attempt.pk, "email": email}
        return redirect("account_email_verification_sent")


class ConfirmEmailView(allauth_views.ConfirmEmailView):
    """A new address of an account, or the first one of an account made on the command line.

    Who confirms a new address has to be signed in to that account: a link alone would make the owner of the mailbox
    the user of somebody else's account. A used, expired or mistyped link gets a page with a way on, not a 404.
    """

    def get(self, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._elsewhere() or super().get(*args, **kwargs)

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            with transaction.atomic():
                return self._elsewhere() or self._confirm(*args, **kwargs)
        except (Http404, IntegrityError):  # IntegrityError: another account took the address in the meantime
            self.object = None
            return self.render_to_response(self.get_context_data(), status=410)

    def _confirm(self, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().post(*args, **kwargs)
        confirmed: Any = self.object  # found by its key just now
        if not self.request.user.is_authenticated and confirmed.email_address.verified:
            self.request.session[ACTIVATED] = confirmed.email_address.email
        return response

    def _elsewhere(self) -> HttpResponse | None:
        """Where to go first when the link is for an account that this browser is not signed in to."""
        confirmation = get_emailconfirmation_model().from_key(self.kwargs["key"])
        if confirmation is None:
            return None
        address, user = confirmation.email_address, self.request.user
        if address.email == address.user.email or user.pk == address.user_id:
            return None
        if user.is_authenticated:
            return render(self.request, "account/email_confirm.html", {"elsewhere": True}, status=403)
        messages.info(self.request, "Sign in to your account to confirm its new address.")
        return redirect_to_login(self.request.path, str(settings.LOGIN_URL))

    def logout_other_user(self, confirmation: Any) -> None:
        """Nobody is signed out by a link."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"form": ResendForm()}


class PasswordResetFromKeyView(allauth_views.PasswordResetFromKeyView):
    def form_valid(self, form: Any) -> HttpResponse:
        """Who opened the link in the mailbox gets in at once, however many strangers guess meanwhile."""
        response = super().form_valid(form)
        known_browser.remember(self.request, response, self.reset_user)
        return response


class PasswordChangeView(allauth_views.PasswordChangeView):
    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        known_browser.remember(self.request, response, form.user)  # the new password made the old mark worthless
        return response


@never_cache
@login_not_required
def verification_sent(request: HttpRequest) -> HttpResponse:
    """“Check your e-mail”, with the address if this browser just gave it."""
    login = unstash_login(request, peek=True)  # of an account made on the command line
    address = _signed_up(request)["email"] or (login and login.user and login.user.email)
    return render(
        request,
        "account/verification_sent.html",
        {
            "address": address,
            "form": ResendForm(initial={"email": address}),
            "expire_days": settings.ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS,
        },
    )


def _signed_up(request: HttpRequest) -> dict[str, Any]:
    return request.session.get(SIGNED_UP) or {"id": None, "email": None}


@never_cache
@login_not_required
@post_only("account_email_verification_sent")
def resend_confirmation(request: HttpRequest) -> HttpResponse:
    """Sends a new activation link if a sign-up waits for one; the answer is the same either way."""
    limited = ratelimit.consume_or_429(request, action="resend_confirmation")
    if limited:
        return limited
    form = ResendForm(request.POST)
    if not form.is_valid():
        return render(request, "account/verification_sent.html", {"form": form, "address": None}, status=INVALID)
    email, own = form.cleaned_data["email"].lower(), _signed_up(request)
    if ratelimit.consume(request, action="confirm_email", key=email):
        enqueue("accounts.new_link", {"email": email, "sign_up": own["id"] if own["email"] == email else None})
    messages.info(request, f"If a sign-up for {email} is waiting for activation, a new link is on its way.")
    return redirect("account_email_verification_sent")
