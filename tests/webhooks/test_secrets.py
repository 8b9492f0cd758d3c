"""Signing secrets: stored encrypted, shown on request, rotated without losing a request."""

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.core.errors import DomainError
from projects import suspension
from projects.models import AuditEntry, WebhookSecret
from projects.webhooks import secrets, signing
from tests.support.webhooks import make_target

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def first(project, now):
    make_target(project, "https://a.example:443/")
    return secrets.current(project, now)[0]


def keys(project, now):
    return secrets.signing_keys([project.pk], now)[project.pk]


def test_a_project_gets_one_with_its_first_url_and_keeps_it(project, first, now):
    make_target(project, "https://b.example:443/")
    assert secrets.current(project, now) == [first]


def test_it_is_encrypted_and_can_be_revealed(project, first, by, now):
    shown = secrets.reveal(project=project, by=by, now=now)
    assert shown.startswith("whsec_")
    assert [shown] == keys(project, now)
    assert shown not in first.sealed
    assert shown.rstrip("=").endswith(first.hint)
    assert AuditEntry.objects.filter(action="webhook_secret.revealed", subject=f"…{first.hint}").count() == 1


def test_rotation_keeps_both_for_a_day(project, first, by, now):
    (old,) = keys(project, now)
    secrets.rotate(project=project, replaces=first.pk, by=by, now=now)
    new, former = keys(project, now)
    assert (former, new == old) == (old, False)
    assert keys(project, now + timedelta(hours=23, minutes=59)) == [new, old]
    assert keys(project, now + timedelta(hours=24)) == [new]
    assert AuditEntry.objects.filter(action="webhook_secret.rotated").count() == 1


def test_a_second_click_changes_nothing(project, first, by, now):
    secrets.rotate(project=project, replaces=first.pk, by=by, now=now)
    before = keys(project, now)
    with pytest.raises(DomainError) as refused:
        secrets.rotate(project=project, replaces=first.pk, by=by, now=now)
    assert refused.value.code == "webhook_secret_rotated"
    assert keys(project, now) == before


def test_not_in_a_suspended_project(project, first, by, now):
    suspension.suspend(project=project, reason="Fraud.", by=by, now=now)
    with pytest.raises(DomainError, match="Fraud"):
        secrets.rotate(project=project, replaces=first.pk, by=by, now=now)
    assert secrets.current(project, now) == [first]


def test_a_third_secret_ends_the_first(project, first, by, now):
    second = secrets.rotate(project=project, replaces=first.pk, by=by, now=now)
    (newest, middle) = keys(project, now)
    secrets.rotate(project=project, replaces=second.pk, by=by, now=now)
    assert keys(project, now)[1] == newest
    assert middle not in keys(project, now)


def test_the_former_can_be_ended_at_once_and_is_forgotten(project, first, by, now):
    secrets.rotate(project=project, replaces=first.pk, by=by, now=now)
    secrets.end_former(project=project, by=by, now=now)
    assert len(keys(project, now)) == 1
    assert AuditEntry.objects.filter(action="webhook_secret.ended").count() == 1
    assert secrets.forget_former(now=now + timedelta(seconds=1)) == 1
    assert WebhookSecret.objects.filter(project=project).count() == 1


def test_without_a_url_there_is_none(project, by, now):
    for act in (
        lambda: secrets.reveal(project=project, by=by, now=now),
        lambda: secrets.rotate(project=project, replaces=1, by=by, now=now),
    ):
        with pytest.raises(DomainError) as refused:
            act()
        assert refused.value.code == "webhook_secret_unknown"


def test_the_vector_of_standard_webhooks():
    """The specification's own (https://github.com/standard-webhooks), as its libraries test it."""
    secret, webhook_id = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    signature = signing.sign(secret, webhook_id, 1614265330, b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
