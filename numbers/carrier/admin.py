"""Credentials of switches as staff see them. New ones come from ``manage.py create_switch``, which shows the secret."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from numbers.carrier import credentials
from numbers.carrier.models import SwitchCredential
from portal.accounts.readonly_admin import ReadOnlyAdmin


@admin.register(SwitchCredential)
class SwitchCredentialAdmin(ReadOnlyAdmin):
    list_display = ["switch_id", "scopes", "networks", "created_at", "last_used_at", "revoked_at"]
    list_filter = [("revoked_at", admin.EmptyFieldListFilter)]
    search_fields = ["switch_id__startswith"]
    fields = ["switch_id", "scopes", "networks", "created_at", "last_used_at", "revoked_at"]  # not the digest
    actions = ["revoke"]

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("numbers.change_switchcredential")

    @admin.action(description="Revoke", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[SwitchCredential]) -> None:
        rows = list(queryset.filter(revoked_at=None))
        for credential in rows:
            credentials.revoke(credential=credential, now=timezone.now())
            self.log_change(request, credential, "Revoked.")
        self.message_user(request, f"{len(rows)} credential(s) revoked, refused from now on.", messages.SUCCESS)
