"""Background work as staff see it: what waits, what failed and why. Only a superuser may queue a job again.

Here and not in `portal.jobs`, which knows nothing of accounts and their admin pages.
"""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from portal.accounts.readonly_admin import ReadOnlyAdmin
from portal.jobs import outbox
from portal.jobs.models import Job, OutgoingMail


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ["id", "kind", "queue", "state", "attempts", "run_at", "finished_at", "problem"]
    list_filter = ["state", "queue"]
    search_fields = ["=kind", "=key"]
    ordering = ["-id"]
    actions = ["queue_again"]

    @admin.display(description="last error")
    def problem(self, job: Job) -> str:
        return job.last_error[:120]

    def has_requeue_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    @admin.action(description="Queue again", permissions=["requeue"])
    def queue_again(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        now = timezone.now()
        queued = [row for row in queryset if outbox.queue_again(job_id=row.pk, now=now)]
        for row in queued:
            self.log_change(request, row, "Queued again.")
        self.message_user(request, f"{len(queued)} failed job(s) queued again.", messages.SUCCESS)


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ReadOnlyAdmin):
    """Without the bodies: they hold links that sign people in."""

    list_display = ["id", "subject", "to", "created_at", "sent_at"]
    search_fields = ["=id"]
    ordering = ["-id"]
    fields = ["to", "sender", "subject", "created_at", "sent_at"]
