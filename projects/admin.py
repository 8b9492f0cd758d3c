"""Projects and their audit trail as staff see them. Nothing here can be changed, and no token is ever shown."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from portal.accounts.readonly_admin import ReadOnlyAdmin, ReadOnlyInline
from projects.models import AuditEntry, AuthToken, Membership, Project

PROJECTS_SEARCHED = 200


class MembershipInline(ReadOnlyInline):
    model = Membership
    fields = ["user", "role", "created_at"]


class AuthTokenInline(ReadOnlyInline):
    """When tokens were made, used and revoked. Neither digest nor ciphertext: staff need no key to a project."""

    model = AuthToken
    fields = ["slot", "hint", "created_at", "last_used_at", "revoked_at"]


@admin.register(Project)
class ProjectAdmin(ReadOnlyAdmin):
    list_display = ["name", "pid", "status", "created_by", "created_at"]
    list_filter = ["status"]
    list_select_related = ["created_by"]
    search_fields = ["pid__startswith", "^name", "created_by__email__exact"]
    search_help_text = "Beginning of a Project ID or name, or the whole e-mail address of the creator"
    ordering = ["-id"]
    fields = ["name", "pid", "status", "created_by", "created_at"]
    inlines = [MembershipInline, AuthTokenInline]


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ["at", "project", "actor_label", "action", "subject", "ip"]
    list_select_related = ["project"]
    search_fields = ["project__pid"]  # shows the box; the search itself is below
    search_help_text = "Beginning of a Project ID or project name"
    ordering = ["-id"]
    fields = ["at", "project", "actor_kind", "actor_label", "actor_user", "ip", "action", "subject", "data"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        """Looks up the projects first, each way by its index, so that a million entries are not read."""
        term = search_term.strip()
        if not term:
            return queryset, False
        found = Project.objects.filter(Q(pid__startswith=term) | Q(name__istartswith=term))
        ids: list[Any] = list(found.order_by().values_list("pk", flat=True)[:PROJECTS_SEARCHED])
        return queryset.filter(project_id__in=ids), False
