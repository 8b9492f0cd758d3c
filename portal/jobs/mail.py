"""Mail through the outbox: composing a message writes a row, a worker delivers it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import make_msgid
from html import unescape
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from portal.jobs.models import OutgoingMail
from portal.jobs.outbox import enqueue, job


class OutboxEmailBackend(BaseEmailBackend):
    """``EMAIL_BACKEND``: everything that Django or a library sends goes through the outbox."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        with transaction.atomic():
            for message in email_messages:
                html = next((str(part[0]) for part in getattr(message, "alternatives", [])), "")
                row = OutgoingMail.objects.create(
                    to=message.to,
                    sender=message.from_email or settings.DEFAULT_FROM_EMAIL,
                    subject=message.subject[:255],
                    text=str(message.body),
                    html=html,
                    # Made now, so that a repeated delivery carries the same id and mailboxes can drop it.
                    headers={"Message-ID": make_msgid(domain=settings.SIP_DOMAIN)} | message.extra_headers,
                )
                enqueue("mail.send", {"mail": row.pk}, key=f"mail:{row.pk}")
        return len(email_messages)


@job("mail.send")
def deliver(payload: dict[str, Any]) -> None:
    """At least once: a worker that dies between the SMTP answer and the commit sends the message again."""
    row = OutgoingMail.objects.select_for_update().get(pk=payload["mail"])
    if row.sent_at is not None:
        return
    connection = get_connection(settings.EMAIL_DELIVERY_BACKEND)
    message = EmailMultiAlternatives(row.subject, row.text, row.sender, row.to, headers=row.headers,
                                     connection=connection)
    if row.html:
        message.attach_alternative(row.html, "text/html")
    message.send()
    row.sent_at = timezone.now()
    row.save(update_fields=["sent_at"])


def forget_delivered(*, now: datetime) -> int:
    """Clears the bodies of mails a week after delivery: they hold names and links that sign people in."""
    delivered = OutgoingMail.objects.filter(sent_at__lt=now - timedelta(days=7)).exclude(text="", html="")
    return delivered.update(text="", html="")


def brand() -> dict[str, str]:
    """What the mail layout shows about the installation."""
    return {"SITE_NAME": settings.SITE_NAME, "SITE_URL": settings.SITE_URL, "SUPPORT_EMAIL": settings.SUPPORT_EMAIL}


def send_templated(name: str, *, to: Sequence[str], context: dict[str, Any]) -> None:
    """Mails ``templates/emails/<name>/{subject.txt,body.txt,body.html}`` with the caller's transaction.

    Links in the context are absolute and begin with SITE_URL.
    """
    full = brand() | context
    subject = " ".join(unescape(render_to_string(f"emails/{name}/subject.txt", full)).split())
    text = render_to_string(f"emails/{name}/body.txt", full).strip() + "\n"
    message = EmailMultiAlternatives(subject, text, settings.DEFAULT_FROM_EMAIL, list(to))
    message.attach_alternative(render_to_string(f"emails/{name}/body.html", full), "text/html")
    message.send()
