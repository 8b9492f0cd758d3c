"""What the tests of expiry share: days, and a passport."""

from datetime import UTC, date, datetime, timedelta

import pytest

from portal.jobs.models import Job

DAY = timedelta(days=1)


EXPIRES = date(2027, 6, 30)


MAILS = "numbers.document_expiring_mail"


def at(days_before):
    """Half past nine, so many days before the last good one."""
    return datetime(EXPIRES.year, EXPIRES.month, EXPIRES.day, 9, 30, tzinfo=UTC) - timedelta(days=days_before)


def announced():
    return sorted(Job.objects.filter(kind=MAILS).values_list("key", flat=True))


@pytest.fixture
def passport_of(order, upload, passport):
    """Submitted for an open order."""
    return upload(type=passport, expires_on=EXPIRES, name="Passport of Ada")
