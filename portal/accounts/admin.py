"""People in the admin site: found fast, read by staff, changed in few ways."""

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from portal.accounts import second_factor
from portal.accounts.adapter import notify
from portal.accounts.models import User


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """Search is by the beginning of the e-mail address, which an index serves at any number of people."""

    list_display = ("email", "full_name", "company", "is_active", "is_staff", "date_joined")
    search_fields = ("email__startswith",)
    search_help_text = "Beginning of the e-mail address, in lower case"
    ordering = ("-id",)
    list_per_page = 50
    show_full_result_count = False
    fields = ("email", "full_name", "company", "phone", "is_active", "is_staff", "is_superuser", "groups",
              "terms_version", "terms_accepted_at", "date_joined", "last_login")
    filter_horizontal = ("groups",)
    actions = ("reset_second_factor",)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """A superuser opens, closes and appoints; nobody edits what belongs to the person."""
        changeable = {"is_active", "is_staff", "is_superuser", "groups"} if request.user.is_superuser else set()
        return tuple(field for field in self.fields if field not in changeable)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return bool(request.user.is_superuser)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return super().get_actions(request) if request.user.is_superuser else {}

    @admin.action(description="Reset second factor (person lost phone and codes)", permissions=["change"])
    def reset_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            with transaction.atomic():
                second_factor.reset(user=user)
                LogEntry.objects.log_actions(
                    cast(int, request.user.pk), [user], CHANGE, "Second factor reset.", single_object=True)
                notify(user, "second_factor_reset")
        messages.success(request, "Second factor removed; the next sign-in sets up a new one.")
