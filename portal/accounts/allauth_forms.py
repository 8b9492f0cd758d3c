"""allauth's forms in the portal's words (``ACCOUNT_FORMS``)."""

from typing import Any

from allauth.account import forms as allauth_forms
from django import forms

from portal.accounts.calling_codes import region_of_browser

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


class EmailLogin(allauth_forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "E-mail"
        self.fields["login"].widget.attrs |= {"placeholder": "", "autocomplete": "username", "autofocus": True}
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
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "E-mail"
        self.fields["email"].widget.attrs |= {"placeholder": "", "autofocus": True}


class ChangeEmail(allauth_forms.AddEmailForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "New e-mail address"
        self.fields["email"].widget.attrs |= {"placeholder": ""}
