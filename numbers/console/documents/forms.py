"""The upload form and the filter of the list."""

import uuid
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict

from numbers.console.documents import open_orders, queries
from numbers.console.documents.document_list import State
from numbers.documents.models import Document
from numbers.documents.upload_rules import NAME_LENGTH
from numbers.orders.models import Order
from numbers.regulations.models import DocumentType
from portal.accounts.telephone import international
from portal.core.forms import set_choices
from projects.models import Project

LARGEST_ID = 2**63 - 1
ACCEPTED = {"PDF": ".pdf,application/pdf", "JPEG": ".jpg,.jpeg,image/jpeg", "PNG": ".png,image/png"}


class ListingForm(forms.Form):
    q = forms.CharField(
        label="Search",
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Name", "autocomplete": "off"}),
    )
    type = forms.ChoiceField(label="Type", required=False)
    state = forms.ChoiceField(label="Status", required=False, choices=[("", "Any status"), *State.choices])
    before = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict, *, project: Project) -> None:
        if data.get("state") == Document.Inspection.REJECTED:  # its value is the former name; bookmarks have it
            data = data.copy()
            data["state"] = State.REJECTED
        super().__init__(data)
        types = [(kind.code, kind.name) for kind in queries.types_in_use(project)]
        set_choices(self, "type", ("", "Any type"), *types)

    def filters(self) -> dict[str, Any]:
        """What was understood; a filter that makes no sense is left out, its error stands beside it."""
        self.is_valid()
        cleaned = self.cleaned_data
        return {name: cleaned.get(name) or "" for name in ("q", "type", "state")} | {"before": cleaned.get("before")}


class TypeSelect(forms.Select):
    """Each option carries what the page's script shows: what counts as one, and whether it expires."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        kind: DocumentType | None = getattr(value, "instance", None)
        if kind is not None:
            option["attrs"] |= {"data-hint": kind.hint, "data-expires": "1" if kind.has_expiry else ""}
        return option


class TypeIterator(forms.models.ModelChoiceIterator):
    """The types that orders need come first, under a heading."""

    field: "TypeField"

    def __iter__(self) -> Any:
        yield "", "Choose a type"
        kinds = list(self.queryset)
        first = [kind for kind in kinds if kind.pk in self.field.needed]
        others = [kind for kind in kinds if kind.pk not in self.field.needed]
        if not first or not others:
            yield from map(self.choice, kinds)
            return
        yield self.field.heading, list(map(self.choice, first))
        yield "Other documents", list(map(self.choice, others))


class TypeField(forms.ModelChoiceField):
    iterator = TypeIterator
    needed: set[int] = set()
    heading = "Needed for your orders"


class UploadForm(forms.Form):
    """``order`` and ``replaces`` are the references with which the page was opened; they may be empty."""

    type = TypeField(
        queryset=DocumentType.objects.none(),
        to_field_name="code",
        label="Type of document",
        widget=TypeSelect,
        error_messages={
            "required": "Choose the type of document.",
            "invalid_choice": "Choose one of the document types in the list.",
        },
    )
    name = forms.CharField(
        label="Name",
        max_length=NAME_LENGTH,
        help_text="So that you and our team can find it again.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "Passport of Ada Example"}),
        error_messages={"required": "Give the document a name, for instance “Passport of Ada Example”."},
    )
    expires_on = forms.DateField(
        label="Expiry date",
        required=False,
        help_text="As printed on the document. We remind you before that day.",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        input_formats=["%Y-%m-%d", "%d.%m.%Y"],
        error_messages={"invalid": "Enter the date like this: 2031-05-28."},
    )
    file = forms.FileField(
        label="File",
        allow_empty_file=True,  # the service has words of its own for it
        widget=forms.FileInput(attrs={"accept": ",".join(ACCEPTED.values())}),
        error_messages={"required": "Choose the file.", "invalid": "The file did not arrive. Choose it again."},
    )
    use_for = forms.ChoiceField(
        label="Use it for",
        required=False,
        widget=forms.RadioSelect,
        choices=[("all", "All open orders that need it"), ("order", "Only this order")],
    )
    order = forms.UUIDField(required=False, widget=forms.HiddenInput)
    replaces = forms.UUIDField(required=False, widget=forms.HiddenInput)
    upload_key = forms.RegexField(r"^[0-9a-f]{32}$", required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, project: Project, today: date, order: Order | None, replaces: Document | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.order_, self.replaces_ = order, replaces
        types = self.fields["type"]
        assert isinstance(types, TypeField)  # noqa: S101  for the type checker
        types.queryset = queries.active_types()
        if replaces is not None:
            types.queryset = types.queryset.filter(pk=replaces.type_id)
        orders = [order] if order else open_orders.undecided_orders(project)
        types.needed = queries.missing_types(orders, today)
        if order is None:
            del self.fields["use_for"]
        else:
            types.heading = "Needed for this order"
            set_choices(
                self,
                "use_for",
                ("all", "All open orders that need it"),
                ("order", f"Only the order of {international(order.number.e164)}"),
            )
        self.fields["file"].help_text = f"{', '.join(ACCEPTED)}; at most {settings.DOCUMENT_MAX_MB} MB."

    @property
    def types(self) -> list[DocumentType]:
        field = self.fields["type"]
        assert isinstance(field, TypeField)  # noqa: S101
        return list(field.queryset or ())

    @property
    def only_for(self) -> Order | None:
        return self.order_ if self.cleaned_data.get("use_for") == "order" else None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        kind: DocumentType | None = cleaned.get("type")
        if kind is not None and kind.has_expiry and "expires_on" in cleaned and cleaned["expires_on"] is None:
            self.add_error("expires_on", "Enter the expiry date shown on the document.")  # with the other errors
        if cleaned.get("order") and self.order_ is None and self.data.get("use_for") == "order":
            self.add_error(
                None, "The order no longer accepts documents. Send the form again to use this one for other orders."
            )
        if cleaned.get("replaces") and self.replaces_ is None:
            self.add_error(
                None, "The document you wanted to replace no longer exists. Send the form again to add this one."
            )
        return cleaned

    def key(self) -> str:
        """That was sent, so that a second try stores once; a new one when it was none."""
        cleaned: dict[str, Any] = getattr(self, "cleaned_data", {})
        return str(cleaned.get("upload_key") or uuid.uuid4().hex)
