from django import forms


class SignupDetailsForm(forms.Form):
    """allauth mixes this in below its own sign-up form."""

    full_name = forms.CharField(max_length=150)

    def signup(self, request, user):  # type: ignore[no-untyped-def]
        user.full_name = self.cleaned_data["full_name"]
        user.save()
