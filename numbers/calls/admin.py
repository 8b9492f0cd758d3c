"""Parked call records as staff see them: why each is not believed, what came, and what was found out about it."""

import json
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from numbers.calls import parked
from numbers.calls.models import ParkedCallRecord
from portal.accounts.models import User
from portal.accounts.readonly_admin import DeclaredLookups, EstimatedPaginator


class ResolveForm(forms.ModelForm):
    class Meta:
        model = ParkedCallRecord
        fields = ("note",)
        widgets = {"note": forms.Textarea(attrs={"rows": 3, "maxlength": 500})}
        help_texts = {
            "note": "Saving it resolves the record. It is not stored as a call; the switch may report a corrected one "
            "under another cdr_id."
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "note" in self.fields:  # not on a resolved one
            self.fields["note"].required = True


@admin.register(ParkedCallRecord)
class ParkedCallRecordAdmin(DeclaredLookups, admin.ModelAdmin):
    form = ResolveForm
    paginator = EstimatedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 0
    list_display = ("parked_at", "switch_id", "cdr_id", "reason", "did", "start_time", "resolved_at", "resolved_by")
    list_filter = ("reason", ("resolved_at", admin.EmptyFieldListFilter))
    ordering = ("-id",)
    sortable_by = ()
    actions = None
    _FACTS = ("reason", "switch_id", "cdr_id", "batch_id", "did", "start_time", "parked_at", "as_it_came")
    _RESOLVED = ("resolved_at", "resolved_by")

    def get_fields(self, request: HttpRequest, obj: ParkedCallRecord | None = None) -> Any:
        return (*self._FACTS, "note", *self._RESOLVED) if obj and obj.resolved_at else (*self._FACTS, "note")

    def get_readonly_fields(self, request: HttpRequest, obj: ParkedCallRecord | None = None) -> Any:
        return (*self._FACTS, *self._RESOLVED, "note") if obj and obj.resolved_at else self._FACTS

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ParkedCallRecord | None = None) -> bool:
        return False

    @admin.display(description="as it came")
    def as_it_came(self, row: ParkedCallRecord) -> SafeString:
        return format_html("<pre>{}</pre>", json.dumps(row.record, indent=2, ensure_ascii=False))

    def save_model(self, request: HttpRequest, obj: ParkedCallRecord, form: ModelForm, change: bool) -> None:
        by = request.user.email if isinstance(request.user, User) else ""
        if not parked.resolve(record=obj, note=obj.note, by=by, now=timezone.now()):
            self.message_user(request, "Someone else has resolved this record; their note stays.", messages.WARNING)

    def construct_change_message(  # type: ignore[override]
        self, request: HttpRequest, form: ModelForm, formsets: list[BaseModelFormSet], add: bool = False
    ) -> Any:
        return f"Resolved: {form.cleaned_data.get('note', '')}"
