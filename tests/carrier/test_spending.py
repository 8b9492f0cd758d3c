"""What paid legs cost counts against the cap when their records come in, and the owner is mailed about it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from numbers.models import ProjectCallSettings, SpendAlert, SpendHour
from numbers.routing import services, spend, spend_alerts
from numbers.routing.route_settings import SipServer
from portal.jobs import outbox
from projects.actor import SYSTEM
from tests.carrier.cdrs import batch, post, record
from tests.carrier.switch import TARGET, ask
from tests.support.leases import DID, NOW, make_lease
from tests.support.prices import set_price
from tests.support.projects import make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def switch():
    from numbers.carrier import credentials

    return credentials.create(switch_id="sw1", scopes=["routes", "cdrs"])[1]


def call(seconds=60, *, begins=None, **changes):
    """An outgoing leg to TARGET that ended a moment ago."""
    start = (begins or datetime.now(UTC) - timedelta(seconds=seconds + 1)).timestamp()
    times = {"start_time": f"{start:.3f}", "answer_time": f"{start:.3f}", "end_time": f"{start + seconds:.3f}"}
    return record(**times | {"duration": str(seconds), "leg": "out", "target": TARGET} | changes)


def spent(lease):
    return spend.spent(lease.project_id, datetime.now(UTC))


def limit(lease, **values):
    ProjectCallSettings.objects.update_or_create(project=lease.project, defaults=values)


def test_answered_legs_to_phones_count_once_by_the_price_of_then(switch, lease, route):
    legs = [call(61), call(0), call(30, leg="in"), call(30, kind="sip"), call(30, kind="users")]
    post(batch(*legs), switch)
    assert spent(lease) == Decimal("0.04")
    post(batch(*legs), switch)
    post(batch(*legs, batch_id="again"), switch)
    assert spent(lease) == Decimal("0.04"), "sent again is not called again"
    post(batch(call(30), call(30), batch_id="b2"), switch)
    assert spent(lease) == Decimal("0.08")


def test_of_a_switch_that_does_not_tell_legs_apart_the_call_counts(switch, lease, route):
    post(batch(call(30, leg=None, target=None), call(30, leg=None, target=TARGET.lstrip("+"))), switch)
    assert spent(lease) == Decimal("0.04")


@pytest.mark.parametrize("target", ["hello", "+999123456789", "", "\x00", "+1" * 100, "+442079460018;x"])
def test_targets_that_nobody_knows_cost_nothing_and_break_nothing(switch, lease, target):
    set_price()
    answer = post(batch(call(30, target=target)), switch)
    assert (answer.status_code, answer.json()["accepted"], spent(lease)) == (200, 1, 0)


def test_records_of_nobody_and_of_another_project_count_elsewhere_or_nowhere(switch, lease, route):
    other = make_lease("+12125550102")
    post(batch(call(30, did="+12125550102"), call(30, did="+12125550177")), switch)
    assert (spent(lease), spent(other)) == (0, Decimal("0.02"))


def test_calls_until_the_cap_is_reached(switch, lease, route):
    limit(lease, spend_cap=Decimal("0.05"))
    assert ask(DID, switch).status_code == 200
    post(batch(call(120)), switch)
    assert ask(DID, switch).json()["limits"]["max_seconds"] == 60
    post(batch(call(60), batch_id="b2"), switch)
    assert ask(DID, switch).json() == {"error": "spend_cap"}
    services.set_sip(lease=lease, server=SipServer("203.0.113.9", 5060), by=SYSTEM, now=NOW)
    assert ask(DID, switch).status_code == 200, "only paid legs are stopped"


# -- the mails ----------------------------------------------------------------------------------------------------


@pytest.fixture
def mailed(lease, mailoutbox):
    """Subjects of the mails that are due at ``now`` and were not sent before."""

    def work_off():
        while outbox.run_due_jobs():
            pass

    def follow(now):
        before = len(mailoutbox)
        spend_alerts.follow_spending(now=now)
        spend_alerts.follow_spending(now=now)
        work_off()
        return [mail.subject for mail in mailoutbox[before:]]

    work_off()  # what was queued while the project got its number
    mailoutbox.clear()
    return follow


def test_mails_at_80_and_100_per_cent_and_when_it_clears(lease, mailed):
    now, name = datetime.now(UTC), lease.project.name
    limit(lease, spend_cap=10)
    spend.add([(lease.project_id, now, Decimal("7.99"))])
    assert mailed(now) == []
    spend.add([(lease.project_id, now, Decimal("0.01"))])
    assert mailed(now) == [f"{name}: 80 % of the spending cap is used"]
    assert mailed(now) == []
    spend.add([(lease.project_id, now - timedelta(hours=20), Decimal(2))])
    assert mailed(now) == [f"{name}: the spending cap is reached"]
    assert mailed(now + timedelta(hours=5)) == [f"{name}: calls to phones are connected again"]
    assert mailed(now + timedelta(hours=26)) == []
    assert SpendAlert.objects.get().level == 0
    spend.add([(lease.project_id, now + timedelta(hours=26), Decimal(50))])
    assert mailed(now + timedelta(hours=26)) == [f"{name}: the spending cap is reached"]
    limit(lease, spend_cap=100)
    assert mailed(now + timedelta(hours=26)) == [f"{name}: calls to phones are connected again"]


def test_the_words_of_the_mails(lease, mailed, mailoutbox, settings):
    settings.SPEND_CAP = 5
    now = datetime.now(UTC)
    spend.add([(lease.project_id, now, Decimal("5.02"))])
    mailed(now)
    [mail] = mailoutbox
    assert mail.to == [lease.project.created_by.email]
    assert "have cost 5.02 USD in the last 24 hours. The spending cap of 5.00 USD is reached." in mail.body
    assert "Calls to app users and SIP servers still ring." in mail.body


def test_projects_do_not_disturb_each_other(lease, mailed):
    other = make_project(name="Other")
    now = datetime.now(UTC)
    limit(lease, spend_cap=1)
    spend.add([(lease.project_id, now, Decimal(1)), (other.pk, now, Decimal(1))])
    assert mailed(now) == [f"{lease.project.name}: the spending cap is reached"]
    assert SpendAlert.objects.count() == 1


def test_old_hours_are_forgotten(lease):
    now = datetime.now(UTC)
    spend.add([(lease.project_id, now - timedelta(days=41), Decimal(1)), (lease.project_id, now, Decimal(1))])
    spend.forget(now=now)
    assert SpendHour.objects.count() == 1
