"""Mail through the outbox: composing a message writes a row, a worker delivers it."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from email.utils import make_msgid
from html import unescape
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone

from portal.core import crypto
from portal.core.text import one_line
from portal.jobs.models import OutgoingMail
from portal.jobs.outbox import enqueue, job
from portal.jobs.queues import MAIL

# So that absence notes and other robots do not answer: RFC 3834, and Exchange's own header.
AUTOMATIC = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply"}
KEPT_UNSENT = timedelta(days=7)  # what could not be sent for so long is not sent any more


@dataclass(frozen=True)
class Body:
    """Of a mail: what only its reader may see. ``headers`` are those that the sender gave."""

    text: str
    html: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def sealed(self) -> str:
        return crypto.encrypt(json.dumps(asdict(self)).encode())


def body_of(row: OutgoingMail) -> Body:
    """Raises ``LookupError`` when it is cleared."""
    if row.sealed:
        return Body(**json.loads(crypto.decrypt(row.sealed)))
    if row.text:  # queued by the release before
        return Body(row.text, row.html)
    raise LookupError("The body of this mail was cleared: it was sent, or could not be sent for too long.")


class OutboxEmailBackend(BaseEmailBackend):
    """``EMAIL_BACKEND``: everything that Django or a library sends goes through the outbox."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        with transaction.atomic():
            for message in email_messages:
                html = next((str(part[0]) for part in getattr(message, "alternatives", [])), "")
                given = {name: str(value) for name, value in message.extra_headers.items()}
                row = OutgoingMail.objects.create(
                    to=message.to,
                    sender=message.from_email or settings.DEFAULT_FROM_EMAIL,
                    subject=message.subject[:255],
                    sealed=Body(str(message.body), html, given).sealed(),
                    # Made now, so that a repeated delivery carries the same id and mailboxes can drop it.
                    headers={"Message-ID": make_msgid(domain=settings.SIP_DOMAIN)},
                )
                enqueue("mail.send", {"mail": row.pk}, key=f"mail:{row.pk}")
        return len(email_messages)


@job("mail.send", queue=MAIL)
def deliver(payload: dict[str, Any]) -> None:
    """At least once: a worker that dies between the SMTP answer and the commit sends the message again."""
    row = OutgoingMail.objects.select_for_update().get(pk=payload["mail"])
    if row.sent_at is not None:
        return
    body = body_of(row)
    connection = get_connection(settings.EMAIL_DELIVERY_BACKEND)
    headers = AUTOMATIC | row.headers | body.headers
    message = EmailMultiAlternatives(row.subject, body.text, row.sender, row.to, headers=headers, connection=connection)
    if body.html:
        message.attach_alternative(body.html, "text/html")
    message.send()
    row.sent_at = timezone.now()
    row.sealed = row.text = row.html = ""
    row.save(update_fields=["sent_at", "sealed", "text", "html"])


def forget_unsent(*, now: datetime) -> int:
    """Clears the bodies of mails that could not be sent for a week. Returns how many."""
    given_up = Q(sent_at__isnull=True, created_at__lt=now - KEPT_UNSENT)
    by_the_release_before = Q(sent_at__isnull=False)
    kept = OutgoingMail.objects.filter(given_up | by_the_release_before).exclude(sealed="", text="", html="")
    return kept.update(sealed="", text="", html="")


def brand() -> dict[str, str]:
    """What the mail layout shows about the installation."""
    return {"SITE_NAME": settings.SITE_NAME, "SITE_URL": settings.SITE_URL, "SUPPORT_EMAIL": settings.SUPPORT_EMAIL}


def send_templated(name: str, *, to: Sequence[str], context: dict[str, Any]) -> None:
    """Mails ``templates/emails/<name>/{subject.txt,body.txt,body.html}`` with the caller's transaction.

    Links in the context are absolute and begin with SITE_URL.
    """
    full = brand() | context
    subject = one_line(unescape(render_to_string(f"emails/{name}/subject.txt", full)))
    text = render_to_string(f"emails/{name}/body.txt", full).strip() + "\n"
    message = EmailMultiAlternatives(subject, text, settings.DEFAULT_FROM_EMAIL, list(to))
    message.attach_alternative(render_to_string(f"emails/{name}/body.html", full), "text/html")
    message.send()
