"""Jobs that wait for a service outside, and mails that are asked for twice."""

import pytest
from django.core.mail import EmailMessage
from django.utils import timezone

from portal.core.breaker import ServiceUnavailable
from portal.jobs import outbox
from portal.jobs.mail import OutboxEmailBackend, deliver
from portal.jobs.models import Job, OutgoingMail
from tests.jobs import handlers  # noqa: F401  its kinds

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("before", [0, 3])
def test_a_job_that_is_put_off_has_used_up_no_attempt(before, monkeypatch):
    away = ServiceUnavailable("A service", 60)

    def put_off(payload):
        raise away

    monkeypatch.setitem(outbox.handlers, "test.note", put_off)
    Job.objects.create(kind="test.note", payload={"mark": "a"}, run_at=timezone.now(), attempts=before)
    assert outbox.run_next()
    job = Job.objects.get()
    assert (job.state, job.attempts, job.run_at, job.last_error) == ("queued", before, away.retry_at, str(away))
    assert not outbox.run_next(), "not before the service may be asked again"


def test_a_mail_that_has_been_sent_is_not_sent_again(mailoutbox, settings):
    settings.EMAIL_DELIVERY_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    OutboxEmailBackend().send_messages([EmailMessage("Hello", "Text", to=["ada@customer.example"])])
    row = OutgoingMail.objects.get()
    for _ in range(2):
        deliver({"mail": row.pk})
    row.refresh_from_db()
    assert (len(mailoutbox), row.sealed) == (1, "")
