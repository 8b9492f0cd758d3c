"""What staff fill in: a document type, a regulation and its lines, the day of a succession."""

from datetime import date
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminDateWidget
from django.db.models import Q
from django.utils import timezone

from numbers.inventory.models import NumberType
from numbers.regulations.models import DocumentType, Regulation, Requirement
from portal.accounts import countries

# What a regulation is about; once it has counted, another one is another regulation.
KEYS = ("country", "number_type", "holder", "valid_from")


class RegulationForm(forms.ModelForm):
    country = forms.ChoiceField(
        required=False,
        choices=[
            ("", "Any country"),
            *((code, f"{name} ({code})") for code, name in sorted(countries.NAMES.items(), key=lambda each: each[1])),
        ],
    )
    number_type = forms.ChoiceField(required=False, choices=[("", "Any type"), *NumberType.choices])

    class Meta:
        model = Regulation
        fields = (*KEYS, "valid_until", "summary", "is_demo")
        widgets = {"summary": forms.Textarea(attrs={"rows": 2, "cols": 80})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = timezone.now().date()
        if self.instance.pk and not self.instance.is_planned(self.today):
            for name in set(KEYS) & set(self.fields):
                self.fields[name].disabled = True

    def clean_valid_until(self) -> date | None:
        end: date | None = self.cleaned_data["valid_until"]
        if end is not None and end < self.today and "valid_until" in self.changed_data:
            raise forms.ValidationError("This day is past. Orders that were placed since then could not be explained.")
        return end


class RequirementForm(forms.ModelForm):
    class Meta:
        model = Requirement
        fields = ("title", "explanation", "document_types", "count", "address_scope", "position")
        widgets = {
            "explanation": forms.Textarea(attrs={"rows": 2, "cols": 80}),
            "document_types": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types = self.fields.get("document_types")
        if isinstance(types, forms.ModelMultipleChoiceField):
            selectable = Q(is_active=True)
            if self.instance.pk:
                selectable |= Q(pk__in=self.instance.document_types.values("pk"))
            types.queryset = DocumentType.objects.filter(selectable)


class SupersedeForm(forms.Form):
    valid_from = forms.DateField(
        label="New one from",
        widget=AdminDateWidget,
        help_text="The present one counts until the day before. Orders already placed keep what was asked for.",
    )

    def clean_valid_from(self) -> date:
        day: date = self.cleaned_data["valid_from"]
        if day < timezone.now().date():
            raise forms.ValidationError("This day is past. Orders that were placed since then could not be explained.")
        return day
