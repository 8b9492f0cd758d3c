"""Input of the renewal order."""

from typing import Any

from django import forms

from numbers.renewals.services import Move

LARGEST = 10**6


class PageForm(forms.Form):
    """``?page=2``; what makes no sense is the first page."""

    page = forms.IntegerField(required=False, min_value=1, max_value=LARGEST)
    moved = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    by = forms.ChoiceField(required=False, choices=[(move.value, move.value) for move in Move])

    def values(self) -> dict[str, Any]:
        self.is_valid()
        return {
            "page": self.cleaned_data.get("page") or 1,
            "moved": self.cleaned_data.get("moved"),
            "by": self.cleaned_data.get("by") or "",
        }


class MoveForm(forms.Form):
    """A step (``to``), or a place to be put on (``place``, from dragging)."""

    to = forms.ChoiceField(required=False, choices=[(move.value, move.value) for move in Move])
    place = forms.IntegerField(required=False, min_value=1, max_value=LARGEST)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and bool(cleaned.get("to")) == bool(cleaned.get("place")):
            raise forms.ValidationError("Choose where to move the number.")
        return cleaned
