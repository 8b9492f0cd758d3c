"""The desk's forms. A decision carries the version of the order that its page showed (``seen``) and what its viewer
showed (``view``)."""

import re
from typing import Any

from django import forms

from numbers.desk.queue import TABS
from numbers.desk.reasons import DOCUMENT_REASONS, ORDER_REASONS
from numbers.desk.review.messages import TEXT_LENGTH, TITLE_LENGTH
from numbers.desk.review.verdicts import REASON_LENGTH
from numbers.inventory.models import Number
from numbers.regulations.models import DocumentType
from portal.accounts import countries
from portal.core.forms import set_choices

LARGEST_ID = 2**63 - 1
LAST_PAGE = 200


def _id(**extra: Any) -> forms.IntegerField:
    return forms.IntegerField(min_value=1, max_value=LARGEST_ID, widget=forms.HiddenInput, **extra)


class QueueForm(forms.Form):
    """What makes no sense is left out."""

    q = forms.CharField(
        label="Search",
        required=False,
        max_length=254,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Number, Project ID, e-mail or project name"}),
    )
    country = forms.ChoiceField(required=False)
    type = forms.ChoiceField(required=False, choices=[("", "Any type"), *Number.Type.choices])
    who = forms.ChoiceField(label="Assigned to", required=False)
    tab = forms.ChoiceField(required=False, choices=list(TABS.items()), widget=forms.HiddenInput)
    page = forms.IntegerField(required=False, min_value=1, max_value=LAST_PAGE, widget=forms.HiddenInput)

    def __init__(self, *args: Any, countries_there: list[str], team: list[tuple[int, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        set_choices(self, "country", ("", "Any country"), *((code, countries.name(code)) for code in countries_there))
        set_choices(
            self, "who", ("", "Anybody"), ("me", "Me"), ("nobody", "Nobody"), *((str(pk), name) for pk, name in team)
        )

    def filters(self) -> dict[str, Any]:
        """A search without a tab looks through all orders."""
        self.is_valid()
        cleaned = self.cleaned_data
        found: dict[str, Any] = {name: cleaned.get(name) or "" for name in ("q", "country", "type", "who")}
        default = "all" if found["q"] else "review"
        return found | {"tab": cleaned.get("tab") or default, "page": cleaned.get("page") or 1}


class ActionForm(forms.Form):
    """Base of everything that is done to an order from its page."""

    # Never empty for a service: a form without the order's version is out of date.
    seen = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput, empty_value="none")
    view = _id(required=False)
    page = _id(required=False)


class SubmissionForm(ActionForm):
    submission = _id()


class AcceptForm(SubmissionForm):
    """``unopened``: the reviewer accepts a document that nobody has opened."""

    unopened = forms.BooleanField(
        label="I accept this document unopened",
        required=False,
        help_text="Recorded in the order’s history and in the project’s activity.",
    )


class _WithReason(ActionForm):
    """A common reason, own words, or both."""

    common = forms.ChoiceField(label="Common reasons", required=False)
    reason = forms.CharField(
        label="In your own words",
        required=False,
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": REASON_LENGTH}),
    )
    reasons: tuple[str, ...] = ()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(each, each) for each in self.reasons]
        set_choices(self, "common", ("", "Choose one, or write below"), *choices)

    def whole_reason(self) -> str:
        return f"{self.cleaned_data['common']} {self.cleaned_data['reason']}".strip()


class RejectDocumentForm(SubmissionForm, _WithReason):
    reasons = DOCUMENT_REASONS


class RejectForm(_WithReason):
    reasons = ORDER_REASONS


class AskForm(ActionForm):
    text = forms.CharField(
        label="Your question or request",
        error_messages={"required": "Write what you want to know or need."},
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": TEXT_LENGTH}),
        help_text="The customer gets it by e-mail and can answer on the order’s page.",
    )
    title = forms.CharField(
        label="Request a document: its name",
        required=False,
        max_length=TITLE_LENGTH,
        widget=forms.TextInput(attrs={"placeholder": "Lease contract", "autocomplete": "off"}),
    )
    document_types = forms.ModelMultipleChoiceField(
        label="Accepted document types",
        required=False,
        queryset=DocumentType.objects.filter(is_active=True),
        widget=forms.CheckboxSelectMultiple,
    )


class NoteForm(ActionForm):
    text = forms.CharField(
        label="Internal note",
        error_messages={"required": "Write the note."},
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": TEXT_LENGTH}),
        help_text="Only staff see it.",
    )


class AssignmentForm(ActionForm):
    """``assignee`` is whom the page showed."""

    assignee = _id(required=False)


class AssignForm(AssignmentForm):
    to = forms.TypedChoiceField(label="Assign to", coerce=int)

    def __init__(self, *args: Any, team: list[tuple[int, str]] | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        set_choices(self, "to", ("", "Choose a colleague"), *(team or []))


def ticked(values: list[str]) -> set[int]:
    """The ids of chosen rows; what is no id is left out."""
    return {int(each) for each in values if re.fullmatch(r"[0-9]{1,18}", each)}
