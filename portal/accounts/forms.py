"""Forms of the account pages. allauth's own, in our words, are in ``allauth_forms``, which builds on this module."""

from typing import Any

import phonenumbers
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.accounts import calling_codes, second_factor
from portal.accounts.captcha import CaptchaField
from portal.accounts.models import AuthenticatorDevice, User


def _terms_label() -> SafeString:
    links = [format_html('<a href="{}" target="_blank">{}</a>', reverse(f"shell:{name}"), label) for name, label in (
        ("terms", "Terms & Conditions"), ("refunds", "Refund & cancellation policy"), ("privacy", "Privacy policy"))]
    return format_html("I accept the {}, the {} and the {}", *links)


TERMS_LABEL = lazy(_terms_label, SafeString)()


class PhoneFields(forms.Form):
    """Country picker and national number; a number that begins with ``+`` needs no country."""

    phone_country = forms.ChoiceField(
        label="Country", choices=calling_codes.choices, widget=forms.Select(attrs={"autocomplete": "country"}))
    phone = forms.CharField(
        label="Phone", max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel-national"}))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        typed, region = data.get("phone"), data.get("phone_country")
        if typed and (region or typed.lstrip().startswith("+")):
            try:
                number = phonenumbers.parse(typed, region)
            except phonenumbers.NumberParseException:
                number = None
            if number is None or not phonenumbers.is_valid_number(number):
                self.add_error("phone", "This is not a valid phone number in the chosen country. "
                                        "Check the digits, or begin with + and the country code.")
            else:
                data["phone_e164"] = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        return data


class SignupDetailsForm(PhoneFields):
    """``ACCOUNT_SIGNUP_FORM_CLASS``: what the portal asks for beyond e-mail and password."""

    full_name = forms.CharField(label="Full name", max_length=150,
                                widget=forms.TextInput(attrs={"autocomplete": "name"}))
    company = forms.CharField(label="Company", max_length=150, required=False,
                              widget=forms.TextInput(attrs={"autocomplete": "organization"}))
    terms = forms.BooleanField(
        label=TERMS_LABEL, error_messages={"required": "Please accept the Terms & Conditions to go on."})
    captcha = CaptchaField()

    field_order = ["full_name", "company", "email", "phone_country", "phone", "password1", "terms", "captcha"]

    def signup(self, request: HttpRequest, user: User) -> None:
        data = self.cleaned_data
        user.full_name, user.company, user.phone = data["full_name"], data["company"], data["phone_e164"]
        user.terms_version, user.terms_accepted_at = settings.TERMS_VERSION, timezone.now()
        user.save()


class ResendForm(forms.Form):
    email = forms.EmailField(label="E-mail", max_length=254,
                             widget=forms.EmailInput(attrs={"autocomplete": "email"}))


class ProfileForm(PhoneFields):
    full_name = forms.CharField(label="Full name", max_length=150,
                                widget=forms.TextInput(attrs={"autocomplete": "name"}))
    company = forms.CharField(label="Company", max_length=150, required=False,
                              widget=forms.TextInput(attrs={"autocomplete": "organization"}))
    field_order = ["full_name", "company", "phone_country", "phone"]

    def save(self, user: User) -> None:
        data = self.cleaned_data
        user.full_name, user.company, user.phone = data["full_name"], data["company"], data["phone_e164"]
        user.save(update_fields=["full_name", "company", "phone"])


class CodeInput(forms.TextInput):
    """A code that was refused is of no use: the field comes back empty."""

    def format_value(self, value: Any) -> str:
        return ""


class _Code(forms.Form):
    code = forms.CharField(max_length=40, widget=CodeInput(
        attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "spellcheck": "false",
               "autocapitalize": "none"}))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def verified(self, result: second_factor.Verified | second_factor.Refused) -> None:
        if isinstance(result, second_factor.Refused):
            raise ValidationError(result.message, code=result.code)
        self.device = result.device


class AuthenticatorCodeForm(_Code):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = "Code from your authenticator app"

    def clean_code(self) -> str:
        self.verified(second_factor.check_authenticator(user=self.user, code=self.cleaned_data["code"]))
        return ""


class RecoveryCodeForm(_Code):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = "Recovery code"
        self.fields["code"].widget.attrs |= {"inputmode": "text", "autocomplete": "off", "placeholder": "xxxxx-xxxxx"}

    def clean_code(self) -> str:
        self.verified(second_factor.check_recovery_code(user=self.user, code=self.cleaned_data["code"]))
        return ""


class EnrolForm(_Code):
    """The first code of a new authenticator app; ``replacing`` swaps the confirmed one for it."""

    def __init__(self, *args: Any, device: AuthenticatorDevice, replacing: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, user=device.user, **kwargs)
        self.pending, self.replacing = device, replacing
        self.fields["code"].label = "Code from your authenticator app"

    def clean_code(self) -> str:
        self.verified(second_factor.confirm(
            user=self.user, device_id=self.pending.pk, code=self.cleaned_data["code"], replacing=self.replacing))
        return ""


class SavedCodesForm(forms.Form):
    saved = forms.BooleanField(
        label="I have saved these codes in a safe place",
        error_messages={"required": "Please save the codes first: without them, a lost phone locks you out."})
