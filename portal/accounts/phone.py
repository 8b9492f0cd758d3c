"""The pages of a new phone number: entering it, and the link in the mail."""

import phonenumbers
from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.core import ratelimit
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from portal.accounts import calling_codes, phone_changes
from portal.accounts.active_sessions import person
from portal.accounts.forms import PhoneChangeForm
from portal.accounts.models import PhoneChange, User
from portal.accounts.sign_in import read_and_write
from portal.core.forms import form_status

SENT = "We have sent an e-mail to {}. The new number takes effect when you open the link in it."


@never_cache
@read_and_write
@reauthentication_required
def change(request: HttpRequest) -> HttpResponse:
    user = person(request)
    waiting = PhoneChange.objects.filter(user=user).first()
    ip = get_adapter().get_client_ip(request)
    if request.method == "POST" and "cancel" in request.POST:
        phone_changes.withdraw(user=user, ip=ip)
        messages.success(request, "The new phone number was withdrawn.")
        return redirect("account_phone")
    form = _form(request, user)
    again = "again" in request.POST and waiting is not None
    if request.method == "POST" and (again or form.is_valid()):
        limited = ratelimit.consume_or_429(request, action="change_phone", user=user)
        if limited:
            return limited
        phone = str(waiting.phone) if again and waiting else form.cleaned_data["phone_e164"]
        phone_changes.request(user=user, phone=phone, now=timezone.now(), ip=ip)
        messages.success(request, SENT.format(user.email))
        return redirect("account_phone")
    return render(request, "accounts/phone.html", {"form": form, "waiting": waiting}, status=form_status(form))


def _form(request: HttpRequest, user: User) -> PhoneChangeForm:
    region = phonenumbers.region_code_for_number(user.phone) if user.phone else None
    fresh = request.method == "POST" and "again" not in request.POST
    return PhoneChangeForm(request.POST if fresh else None, initial={"phone_country": region or calling_codes.FALLBACK})


@never_cache
@read_and_write
def confirm(request: HttpRequest, key: str) -> HttpResponse:
    """For who is signed in to the account; a click, because mail scanners follow links."""
    user = person(request)
    waiting = phone_changes.of_key(key, user)
    if waiting is None:
        return render(
            request, "accounts/phone_confirm.html", {"waiting": None}, status=410 if request.method == "POST" else 200
        )
    if request.method != "POST":
        return render(request, "accounts/phone_confirm.html", {"waiting": waiting})
    adapter = get_adapter()
    with transaction.atomic():
        if phone_changes.confirm(change=waiting, ip=adapter.get_client_ip(request)):
            adapter.send_notification_mail(
                "account/email/phone_changed", user, {"phone": waiting.phone.as_international}
            )
    messages.success(request, "Your phone number was changed.")
    return redirect("account_security")
