"""What staff fill in for a type of document."""

from django import forms
from django.utils import timezone

from numbers.compliance import usage
from numbers.regulations.models import DocumentType


class DocumentTypeForm(forms.ModelForm):
    class Meta:
        model = DocumentType
        fields = ("name", "code", "hint", "has_expiry", "is_active", "is_demo")

    def clean_is_active(self) -> bool:
        active: bool = self.cleaned_data["is_active"]
        if not active and self.instance.pk:
            stuck = usage.requirements_without_other_types(self.instance, timezone.now().date())[:3]
            if stuck:
                where = "; ".join(f"“{each.title}” ({each.regulation})" for each in stuck)
                raise forms.ValidationError(f"These lines accept nothing else: {where}.")
        return active
