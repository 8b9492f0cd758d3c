"""Forms of staff: a new switch, and another secret for one."""

from datetime import timedelta

from django import forms

from numbers.carrier.models import SwitchCredential, validate_network

# Seconds for which the secret that is replaced is still accepted.
GRACE = (
    (86_400, "for 24 hours more"),
    (604_800, "for 7 days more"),
    (0, "no longer, nor are those before it (one has become known to somebody)"),
)
STALE = "This page was not complete. Try again."


class AddSwitchForm(forms.Form):
    switch_id = forms.CharField(
        label="Name",
        max_length=40,
        help_text="Letters, digits, - and _. It stands on call records and cannot be changed or given again.",
        error_messages={"required": "Enter a name for the switch."},
    )
    scopes = forms.MultipleChoiceField(
        label="It may",
        choices=SwitchCredential.Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one thing that the switch may do."},
    )
    networks = forms.CharField(
        label="Only from",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 40, "placeholder": "192.0.2.10/32"}),
        help_text="Networks or addresses, one in each line. Empty: from anywhere.",
    )

    def clean_networks(self) -> list[str]:
        networks = list(dict.fromkeys(self.cleaned_data["networks"].replace(",", " ").split()))
        for each in networks:
            validate_network(each)
        return networks


class RotateForm(forms.Form):
    replaces = forms.IntegerField(
        widget=forms.HiddenInput, error_messages=dict.fromkeys(("required", "invalid"), STALE)
    )
    accepted_for = forms.TypedChoiceField(
        label="The present secret is accepted",
        choices=GRACE,
        initial=GRACE[0][0],
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how long the present secret is accepted."},
    )

    def clean_accepted_for(self) -> timedelta:
        return timedelta(seconds=self.cleaned_data["accepted_for"])
