"""Projects and their audit trail as staff see them. No token is ever shown, and all that can be done is to suspend a
project, which is audited and mailed."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone

from portal.accounts.readonly_admin import ReadOnlyAdmin, ReadOnlyInline
from portal.core.forms import call_service, form_status, sent
from projects import suspension
from projects.actor import for_staff
from projects.forms import LiftForm, SuspendForm
from projects.models import AuditEntry, AuthToken, Membership, Project

PROJECTS_SEARCHED = 200
TEAM = "Support team"  # as the customer reads it


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
    fields = ["name", "pid", "status", "suspended_at", "suspension_reason", "created_by", "created_at"]
    inlines = [MembershipInline, AuthTokenInline]

    def has_suspend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("projects.suspend_project")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["may_suspend"] = self.has_suspend_permission(request)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.suspension_view)
        return [path("<int:pk>/suspension/", view, name="projects_project_suspension"), *super().get_urls()]

    def suspension_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Suspends an active or archived project, or lifts the suspension of another."""
        if not self.has_suspend_permission(request):
            raise PermissionDenied
        project = get_object_or_404(Project, pk=pk)
        # What the page that was sent offered: of two people who lift it, the second does not suspend it again.
        lifting = request.POST.get("action") == "lift" if request.method == "POST" else project.is_suspended
        form = LiftForm(sent(request)) if lifting else SuspendForm(sent(request))
        change = partial(self._change, request, project, form)
        if request.method == "POST" and form.is_valid() and call_service(form, change):
            return redirect("admin:projects_project_change", project.pk)
        title = "Lift the suspension" if lifting else "Suspend"
        context = self.admin_site.each_context(request) | {
            "title": title,
            "form": form,
            "project": project,
            "opts": self.opts,
            "lifting": lifting,
        }
        template = "admin/projects/project/suspension.html"
        return render(request, template, context, status=form_status(form))

    def _change(self, request: HttpRequest, project: Project, form: Form) -> None:
        by = for_staff(request, TEAM)
        with transaction.atomic():
            if isinstance(form, SuspendForm):
                suspension.suspend(project=project, reason=form.cleaned_data["reason"], by=by, now=timezone.now())
                done = f"“{project}” is suspended; its owner gets an e-mail."
                self.log_change(request, project, f"Suspended: {form.cleaned_data['reason']}")
            else:
                suspension.lift(project=project, by=by)
                done = f"The suspension of “{project}” is lifted; its owner gets an e-mail."
                self.log_change(request, project, "Suspension lifted.")
        messages.success(request, done)


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
