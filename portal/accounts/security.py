"""Account & security: profile, e-mail, password, second factor, sessions; and the fresh authentication."""

from typing import Any

import django_otp
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.account.views import BaseReauthenticateView
from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from portal.accounts import active_sessions, events
from portal.accounts import second_factor as factors
from portal.accounts.active_sessions import person
from portal.accounts.adapter import notify
from portal.accounts.forms import EnrolForm, ProfileForm, RecoveryCodeForm, SavedCodesForm
from portal.accounts.models import AuthenticatorDevice, PhoneChange, RecoveryCode
from portal.accounts.sign_in import code_form, codes_context, enrolment_context, read_and_write
from portal.core.forms import form_status, sent

PENDING_APP, PENDING_CODES = "replace_authenticator", "replace_recovery_codes"


@never_cache
@read_and_write
def overview(request: HttpRequest) -> HttpResponse:
    user = person(request)
    form = ProfileForm(sent(request), initial={"full_name": user.full_name, "company": user.company})
    if request.method == "POST" and form.is_valid():
        form.save(user)
        messages.success(request, "Your profile was saved.")
        return redirect("account_security")
    device = user.otp_device
    if not isinstance(device, AuthenticatorDevice):  # signed in with a recovery code
        device = AuthenticatorDevice.objects.filter(user=user, confirmed=True).first()
    return render(
        request,
        "accounts/security.html",
        {
            "form": form,
            "authenticator": device,
            "recovery_left": RecoveryCode.objects.filter(device__user=user, used_at=None).count(),
            "new_email": EmailAddress.objects.get_new(user),
            "new_phone": PhoneChange.objects.filter(user=user).first(),
            "events": [(event, events.in_words(event)) for event in events.recent(user)],
            "sessions": active_sessions.alive(request),
        },
        status=form_status(form),
    )


@method_decorator([never_cache, read_and_write], name="dispatch")
class ReauthenticateView(BaseReauthenticateView):
    """Before a sensitive act: a fresh code of the second factor, good for ACCOUNT_REAUTHENTICATION_TIMEOUT."""

    template_name = "accounts/reauthenticate.html"

    def get_form(self, form_class: type[BaseForm] | None = None) -> BaseForm:
        return code_form(self.request, self.request.user)

    def form_valid(self, form: Any) -> HttpResponse:
        record_authentication(
            self.request, self.request.user, method="mfa", type=type(form.device).__name__, reauthenticated=True
        )
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"recovery": isinstance(context["form"], RecoveryCodeForm), "next": self.get_next_url()}


@never_cache
@read_and_write
@reauthentication_required
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """A new set; the old one is good until the new one has been saved."""
    if PENDING_CODES not in request.session:
        request.session[PENDING_CODES] = factors.new_codes_sealed()
    codes = factors.unseal(request.session[PENDING_CODES])
    form = SavedCodesForm(sent(request))
    if request.method == "POST" and form.is_valid():
        factors.store_recovery_codes(user=person(request), codes=codes)
        del request.session[PENDING_CODES]
        notify(person(request), "recovery_codes_replaced")
        messages.success(request, "Your new recovery codes are active. The old ones no longer work.")
        return redirect("account_security")
    context = {"form": form} | codes_context(codes)
    return render(request, "accounts/recovery_codes_new.html", context, status=form_status(form))


@never_cache
@read_and_write
@reauthentication_required
def replace_authenticator(request: HttpRequest) -> HttpResponse:
    """A new app instead of the old one; sessions that the old one verified end, this one goes on."""
    device = factors.pending_device(user=person(request), device_id=request.session.get(PENDING_APP))
    request.session[PENDING_APP] = device.pk
    form = EnrolForm(sent(request), device=device, replacing=True, request=request)
    if request.method == "POST" and form.is_valid():
        del request.session[PENDING_APP]
        django_otp.login(request, form.device)
        notify(person(request), "second_factor_replaced")
        messages.success(request, "Your new authenticator app is active. The old one no longer works.")
        return redirect(reverse("account_security"))
    context = {"form": form} | enrolment_context(device)
    return render(request, "accounts/replace_authenticator.html", context, status=form_status(form))
