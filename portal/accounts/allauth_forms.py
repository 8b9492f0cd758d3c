"""allauth's forms in the portal's words (``ACCOUNT_FORMS``)."""

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django import forms
from django.http import HttpRequest

from portal.accounts.adapter import ACTIVATED
from portal.accounts.calling_codes import region_of_browser
from portal.jobs.outbox import enqueue

NEW_PASSWORD = {"autocomplete": "new-password", "data-password": "new", "placeholder": ""}
OLD_PASSWORD = {"autocomplete": "current-password", "data-password": "old", "placeholder": ""}
HINT = "At least 12 characters. A few unrelated words are fine."


class SignUp(allauth_forms.SignupForm):
    """The fields of ``SignupDetailsForm`` come with it."""

    def __init__(self, *args: Any, accept_language: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "E-mail"
        self.fields["email"].widget.attrs |= {"placeholder": "", "autocomplete": "username"}
        self.fields["password1"].help_text = HINT
        self.fields["password1"].widget.attrs |= NEW_PASSWORD
        self.fields["phone_country"].initial = region_of_browser(accept_language)

    def validate_unique_email(self, value: str) -> str:
        """Whether there is an account is looked up by a job: here it would cost time that can be measured."""
        return value


class EmailLogin(allauth_forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "E-mail"
        self.fields["login"].widget.attrs |= {"placeholder": "", "autocomplete": "username", "autofocus": True}
        self.activated = self.request.session.get(ACTIVATED, "") if self.request else ""
        if self.activated:
            self.fields["login"].initial = self.activated
            self.fields["login"].widget.attrs.pop("autofocus")
            self.fields["password"].widget.attrs["autofocus"] = True
        self.fields["password"].help_text = ""
        self.fields["password"].widget.attrs |= OLD_PASSWORD


class NewPassword:
    """One field with a show button instead of typing it twice."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        self.fields["password1"].label = "New password"
        self.fields["password1"].help_text = HINT
        self.fields["password1"].widget.attrs |= NEW_PASSWORD


class ChangePassword(NewPassword, allauth_forms.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = "Current password"
        self.fields["oldpassword"].help_text = ""
        self.fields["oldpassword"].widget.attrs |= OLD_PASSWORD


class ResetPasswordKey(NewPassword, allauth_forms.ResetPasswordKeyForm):
    pass


class ResetPassword(allauth_forms.ResetPasswordForm):
    def clean_email(self) -> str:
        """As :meth:`SignUp.validate_unique_email`."""
        return get_adapter().clean_email(self.cleaned_data["email"].lower())

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """A mail for a known address, another one for an unknown; beyond the limit the mails that came will do."""
        email: str = self.cleaned_data["email"]
        if ratelimit.consume(request, action="reset_password_mail", key=email):
            enqueue("accounts.reset_password", {"email": email})
        return email

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "E-mail"
        self.fields["email"].widget.attrs |= {"placeholder": "", "autofocus": True}


class ChangeEmail(allauth_forms.AddEmailForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "New e-mail address"
        self.fields["email"].widget.attrs |= {"placeholder": ""}
