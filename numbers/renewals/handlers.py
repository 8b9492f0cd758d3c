"""Jobs of the outbox: the retry of unpaid months, and the mails about unpaid and restored numbers."""

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from numbers.leases.models import Lease
from numbers.renewals import queries, retry
from numbers.renewals.lease_states import NUMBERS_IN_MAIL
from portal.accounts.telephone import international
from portal.jobs.outbox import job
from portal.jobs.queues import MAIL
from projects import mail
from projects.models import Project


@job(retry.RETRY)
def retry_unpaid(payload: dict[str, Any]) -> None:
    retry.retry_unpaid(project_id=payload["project"], now=timezone.now())


@job("numbers.unpaid_mail", queue=MAIL)
def mail_unpaid(payload: dict[str, Any]) -> None:
    """Says how things stand when it is written; nothing if the money has come."""
    found = queries.unpaid_summary(payload["project"], timezone.now())
    if found is None or not found.missing:
        return
    project = Project.objects.get(pk=payload["project"])
    leases = list(queries.unpaid_leases(project)[:NUMBERS_IN_MAIL])
    if leases:
        _send("charge_unpaid", project, _add_credits(project, found.missing), leases, found.count, unpaid=found)


@job("numbers.suspended_mail", queue=MAIL)
def mail_suspended(payload: dict[str, Any]) -> None:
    """Those that a top-up restored meanwhile are left out."""
    project = Project.objects.get(pk=payload["project"])
    leases = _leases(payload, status=Lease.Status.SUSPENDED)
    found = queries.unpaid_summary(project.pk, timezone.now())
    if leases and found is not None:
        gone = len(payload["leases"]) - len(leases)
        _send(
            "numbers_suspended",
            project,
            _add_credits(project, found.missing),
            leases,
            payload["count"] - gone,
            unpaid=found,
        )


@job("numbers.unpaid_released_mail", queue=MAIL)
def mail_released(payload: dict[str, Any]) -> None:
    project = Project.objects.get(pk=payload["project"])
    leases = _leases(payload, status=Lease.Status.RELEASED)
    if leases:
        _send("numbers_released", project, reverse("numbers:purchased", args=[project.pid]), leases, payload["count"])


@job("numbers.restored_mail", queue=MAIL)
def mail_restored(payload: dict[str, Any]) -> None:
    project = Project.objects.get(pk=payload["project"])
    leases = _leases(payload)
    _send(
        "numbers_restored",
        project,
        reverse("numbers:purchased", args=[project.pid]),
        leases,
        payload["count"],
        cost=Decimal(payload["cost"]),
    )


def _leases(payload: dict[str, Any], **only: Any) -> list[Lease]:
    rows = Lease.objects.filter(pk__in=payload["leases"], **only).select_related("number")
    return list(rows.order_by("renewal_rank", "id"))


def _add_credits(project: Project, missing: Decimal) -> str:
    return reverse("billing:credits", args=[project.pid]) + "?" + urlencode({"amount": missing}) + "#add"


def _send(name: str, project: Project, path: str, leases: list[Lease], count: int, **context: Any) -> None:
    """To the project's owner. Links lead to the page that helps."""
    shown = leases[:NUMBERS_IN_MAIL]
    mail.send(
        name,
        project=project,
        user_id=None,
        path=path,
        leases=shown,
        count=count,
        more=count - len(shown),
        number=international(leases[0].number.e164),
        **context,
    )
