"""Forms of the account pages. allauth's own, in our words, are in ``allauth_forms``, which builds on this module."""

from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.accounts import calling_codes, limits, phone_numbers, second_factor
from portal.accounts.captcha import CaptchaField
from portal.accounts.models import AuthenticatorDevice, User
from portal.accounts.sign_ups import Person
from portal.core.names import validate_name


def _terms_label() -> SafeString:
    links = [
        format_html('<a href="{}" target="_blank">{}</a>', reverse(f"shell:{name}"), label)
        for name, label in (
            ("terms", "Terms & Conditions"),
            ("refunds", "Refund & cancellation policy"),
            ("privacy", "Privacy policy"),
        )
    ]
    return format_html("I accept the {}, the {} and the {}", *links)


TERMS_LABEL = lazy(_terms_label, SafeString)()


class PhoneFields(forms.Form):
    """Country picker and national number; a number that begins with ``+`` or 00 needs no country."""

    phone_country = forms.ChoiceField(
        label="Country",
        choices=calling_codes.choices,
        widget=calling_codes.CountrySelect(attrs={"autocomplete": "country"}),
    )
    phone = forms.CharField(
        label="Phone",
        max_length=phone_numbers.LONGEST,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel-national"}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        typed, region = data.get("phone"), data.get("phone_country")
        if not region and not self.data.get("phone_country") and phone_numbers.names_its_country(typed or ""):
            self.errors.pop("phone_country", None)
        if typed and (region or phone_numbers.names_its_country(typed)):
            try:
                data["phone_e164"] = phone_numbers.read(typed, region).e164
            except phone_numbers.PhoneNumberError as error:
                self.add_error("phone", error.message)
        return data


class PersonFields(PhoneFields):
    full_name = forms.CharField(
        label="Full name",
        max_length=150,
        validators=[validate_name],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    company = forms.CharField(
        label="Company",
        max_length=150,
        required=False,
        validators=[validate_name],
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )

    def person(self) -> Person:
        """Of a form that is valid."""
        data = self.cleaned_data
        return Person(full_name=data["full_name"], company=data["company"], phone=data["phone_e164"])


def _terms_field() -> forms.BooleanField:
    return forms.BooleanField(
        label=TERMS_LABEL, error_messages={"required": "Please accept the Terms & Conditions to go on."}
    )


class SignupDetailsForm(PersonFields):
    """``ACCOUNT_SIGNUP_FORM_CLASS``: what the portal asks for beyond e-mail and password."""

    terms = _terms_field()
    captcha = CaptchaField()

    field_order = ["full_name", "company", "email", "phone_country", "phone", "password1", "terms", "captcha"]

    def signup(self, request: HttpRequest, user: User) -> None:
        """allauth demands it; our sign-up makes no account (see ``views.SignupView``)."""
        raise NotImplementedError


class ActivationForm(forms.Form):
    """The password chosen at sign-up, typed by who opened the link."""

    password = forms.CharField(
        label="The password you chose",
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(
            attrs={"autocomplete": "current-password", "data-password": "old", "autofocus": True}
        ),
    )


class ActivationAnewForm(PersonFields):
    """Everything once more, from who opened the link and does not know the sign-up's password."""

    password1 = forms.CharField(
        label="Password",
        strip=False,
        help_text="At least 12 characters. A few unrelated words are fine.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "data-password": "new"}),
    )
    terms = _terms_field()

    field_order = ["full_name", "company", "phone_country", "phone", "password1", "terms"]

    def __init__(self, *args: Any, email: str, accept_language: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email
        self.fields["phone_country"].initial = calling_codes.region_of_browser(accept_language)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("password1"):
            person = User(email=self.email, full_name=data.get("full_name", ""), company=data.get("company", ""))
            try:
                get_adapter().clean_password(data["password1"], person)
            except ValidationError as error:
                self.add_error("password1", error)
        return data


class ResendForm(forms.Form):
    email = forms.EmailField(label="E-mail", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"}))


class ProfileForm(forms.Form):
    """The phone number has a page of its own: a new one is confirmed by mail."""

    full_name = PersonFields.base_fields["full_name"]
    company = PersonFields.base_fields["company"]

    def save(self, user: User) -> None:
        user.full_name, user.company = self.cleaned_data["full_name"], self.cleaned_data["company"]
        user.save(update_fields=["full_name", "company"])


class PhoneChangeForm(PhoneFields):
    field_order = ["phone_country", "phone"]


class CodeInput(forms.TextInput):
    """A code that was refused is of no use: the field comes back empty."""

    def format_value(self, value: Any) -> str:
        return ""


class _Code(forms.Form):
    """``wrong`` is True after a code that was checked and refused."""

    code = forms.CharField(
        max_length=40,
        widget=CodeInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "autofocus": True,
                "spellcheck": "false",
                "autocapitalize": "none",
            }
        ),
    )
    count_try = staticmethod(limits.authenticator_code)

    def __init__(self, *args: Any, user: User, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.request, self.wrong = user, request, False

    def check(self, code: str) -> second_factor.Verified | second_factor.Refused:
        raise NotImplementedError

    def clean_code(self) -> str:
        attempt = self.count_try(self.request, self.user)
        if not attempt.begin():
            raise ValidationError(second_factor.TOO_MANY.message, code=second_factor.TOO_MANY.code)
        result = self.check(self.cleaned_data["code"])
        if isinstance(result, second_factor.Refused):
            self.wrong = True
            raise ValidationError(result.message, code=result.code)
        attempt.roll_back()
        self.device = result.device
        return ""


class AuthenticatorCodeForm(_Code):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = "Code from your authenticator app"

    def check(self, code: str) -> second_factor.Verified | second_factor.Refused:
        return second_factor.check_authenticator(user=self.user, code=code)


class RecoveryCodeForm(_Code):
    count_try = staticmethod(limits.recovery_code)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = "Recovery code"
        self.fields["code"].widget.attrs |= {"inputmode": "text", "autocomplete": "off", "placeholder": "xxxxx-xxxxx"}

    def check(self, code: str) -> second_factor.Verified | second_factor.Refused:
        return second_factor.check_recovery_code(user=self.user, code=code)


class EnrolForm(AuthenticatorCodeForm):
    """The first code of a new authenticator app; ``replacing`` swaps the confirmed one for it."""

    def __init__(self, *args: Any, device: AuthenticatorDevice, replacing: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, user=device.user, **kwargs)
        self.pending, self.replacing = device, replacing

    def check(self, code: str) -> second_factor.Verified | second_factor.Refused:
        return second_factor.confirm(user=self.user, device_id=self.pending.pk, code=code, replacing=self.replacing)


class SavedCodesForm(forms.Form):
    saved = forms.BooleanField(
        label="I have saved these codes in a safe place",
        error_messages={"required": "Please save the codes first: without them, a lost phone locks you out."},
    )
