"""What follows an unpaid month: mails, rest, release; each once, never earlier than announced."""

from datetime import timedelta

import pytest

from numbers.leases.releasing import set_lock
from numbers.renewals.charging import charge_months
from numbers.renewals.checks import unpaid_days
from numbers.renewals.dunning import run_dunning
from numbers.renewals.retry import retry_unpaid
from numbers.routing.route_settings import SipServer
from numbers.routing.services import set_sip
from portal.accounts.telephone import international
from portal.celery import app
from portal.jobs import outbox
from portal.jobs.models import Job
from projects.actor import SYSTEM
from projects.models import AuditEntry
from tests.renewals.data import at, buy, state
from tests.support.people import make_user
from tests.support.projects import fund, make_project
from tests.support.switches import switch_secret

pytestmark = pytest.mark.django_db
DUE = at("2027-02-28", 3)


@pytest.fixture(autouse=True)
def _days(settings, time_machine):
    """The announced days; mails are written at the time of the test's clock."""
    settings.UNPAID_MAIL_DAYS, settings.SUSPEND_AFTER_DAYS, settings.RELEASE_AFTER_DAYS = [0, 3, 7], 10, 30
    settings.SITE_URL = "https://portal.example"


@pytest.fixture
def run(time_machine):
    """``run(days)`` → what is done when beat comes so many days after the month fell due."""

    def beat(days=0.0):
        now = DUE + timedelta(days=days)
        time_machine.move_to(now, tick=False)
        charge_months(now=now)
        followed = run_dunning(now=now)
        outbox.run_due_jobs()
        return followed.mailed, followed.suspended, followed.released

    return beat


def subjects(mailoutbox):
    return [mail.subject for mail in mailoutbox]


def test_the_whole_way_day_by_day(run, mailoutbox):
    lease = buy(make_project())
    steps = {day: run(day) for day in range(32)}
    nothing = (0, 0, 0)
    assert {day: step for day, step in steps.items() if step != nothing} == {
        0: (1, 0, 0),
        3: (1, 0, 0),
        7: (1, 0, 0),
        10: (0, 1, 0),
        30: (0, 0, 1),
    }
    assert [subject.partition(" ")[2][len("212-555-0000") :] for subject in subjects(mailoutbox)] == [
        " is past due: you need 2.00 USD more"
    ] * 3 + [" is suspended", " was released"]
    lease.refresh_from_db()
    assert (lease.status, lease.release_cause, lease.ended_at) == ("released", "unpaid", DUE + timedelta(days=30))
    assert lease.number.status == "quarantined"
    assert [entry.action for entry in AuditEntry.objects.filter(action__startswith="number.").order_by("id")] == [
        "number.purchased",
        "number.past_due",
        "number.suspended",
        "number.released_unpaid",
    ]


def test_not_a_second_before_the_announced_time(run):
    lease = buy(make_project())
    run(0)
    for days, status in ((10, "past_due"), (30, "suspended")):
        run(days - 1e-5)
        assert state(lease)[0] == status
        run(days)
        assert state(lease)[0] != status


def test_each_beat_again_changes_nothing(run, mailoutbox):
    buy(make_project())
    for days in (0, 0, 0.01, 3, 3, 7, 7, 10, 10, 10.01, 30, 30, 31):
        run(days)
    assert len(mailoutbox) == 5


def test_one_mail_sums_up_a_projects_numbers(run, mailoutbox):
    owner = make_user(full_name="Ada Example")
    project = make_project(owner, name="Acme Demo", credit="0.25")
    first, second = buy(project, price="2"), buy(project, price="3.5")
    run(0)
    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == ([owner.email], "2 numbers are past due: you need 5.25 USD more")
    for text in (mail.body, mail.alternatives[0].content):
        for words in (
            "Ada Example",
            project.pid,
            "3.50 USD",
            "You need",
            "5.25 USD",
            "10 March 2027, 03:00 UTC",
            "30 March 2027",
            "Acme Demo",
            f"https://portal.example/projects/{project.pid}/credits/?amount=5.25#add",
        ):
            assert words in text
        for lease in (first, second):
            assert lease.number.e164[-4:] in text


def test_another_number_on_another_day_is_mailed_with_all_that_is_unpaid(run, mailoutbox):
    project = make_project()
    buy(project, "2027-01-31")
    run(0)
    buy(project, "2027-02-02")
    assert run(2)[0] == 1
    assert subjects(mailoutbox)[1] == "2 numbers are past due: you need 4.00 USD more"


def test_a_large_project_gets_a_short_mail(run, mailoutbox, monkeypatch):
    project = make_project()
    for _ in range(23):
        buy(project)
    run(0)
    assert "and 3 more" in mailoutbox[0].body
    run(10)
    assert subjects(mailoutbox)[1] == "23 numbers are suspended"
    run(30)
    assert subjects(mailoutbox)[2] == "23 numbers were released"
    assert "and 3 more" in mailoutbox[2].body


def test_after_a_standstill_only_the_latest_news(run, mailoutbox):
    lease = buy(make_project())
    run(0)
    run(8)  # days 3 and 7 were missed
    assert len(mailoutbox) == 2
    assert run(8.1)[0] == 0
    run(12)
    assert state(lease)[0] == "suspended"
    assert len(mailoutbox) == 3


def test_after_a_long_standstill_the_announced_release_comes_at_once(run, mailoutbox):
    lease = buy(make_project())
    run(0)
    assert run(40) == (0, 0, 1)
    assert state(lease)[0] == "released"
    assert len(mailoutbox) == 2


def test_who_was_not_told_in_time_gets_the_days_from_the_first_mail(run, time_machine, mailoutbox):
    lease = buy(make_project())
    charge_months(now=DUE)  # and then nobody follows for three weeks
    assert run(21) == (1, 0, 0)
    lease.refresh_from_db()
    assert (lease.status, lease.past_due_since) == ("past_due", DUE)
    assert lease.suspends_at == DUE + timedelta(days=31)
    assert lease.releases_at == DUE + timedelta(days=51)
    assert [run(days) for days in (30.9, 31, 50.9, 51)] == [(0, 0, 0), (0, 1, 0), (0, 0, 0), (0, 0, 1)]


def test_nothing_happens_to_a_number_whose_customer_was_not_told(run, settings):
    lease = buy(make_project())
    settings.UNPAID_MAIL_DAYS = [20]  # refused at the start; here it stands for mails that could not be queued
    run(0)
    assert run(15) == (0, 0, 0)
    assert state(lease)[0] == "past_due"


def test_shorter_days_in_the_settings_do_not_pull_in_what_was_announced(run, settings):
    lease = buy(make_project())
    run(0)
    settings.SUSPEND_AFTER_DAYS, settings.RELEASE_AFTER_DAYS = 1, 2
    run(9)
    assert state(lease)[0] == "past_due"
    run(10)
    run(29)
    assert state(lease)[0] == "suspended"


def test_a_second_shortage_starts_anew(run, mailoutbox):
    project = make_project()
    lease = buy(project)
    run(0)
    run(3)
    fund(project, "2")
    run(8)  # the job collects
    assert state(lease) == ("active", "2027-03-31")
    mailoutbox.clear()
    assert run(31)[0] == 1  # 31 March
    lease.refresh_from_db()
    assert lease.reminders_sent == 1
    assert lease.suspends_at == DUE + timedelta(days=41)


def test_without_mails_in_the_settings_the_days_still_count(run, settings):
    settings.UNPAID_MAIL_DAYS = []
    lease = buy(make_project())
    assert [run(0), run(10), run(30)] == [(0, 0, 0), (0, 1, 0), (0, 0, 1)]
    assert state(lease)[0] == "released"


@pytest.mark.parametrize(("day", "status"), [(10, "past_due"), (30, "suspended")])
def test_nothing_happens_to_a_number_whose_money_has_come(run, day, status):
    """The charge is on its way; a rest or a release must not overtake it."""
    project = make_project()
    lease = buy(project)
    run(0)
    if status == "suspended":
        run(10)
    fund(project, "2")
    Job.objects.filter(kind="numbers.collect").delete()
    run_dunning(now=DUE + timedelta(days=day))
    assert state(lease)[0] == status


def test_a_mail_is_not_sent_when_the_money_came_first(run, mailoutbox):
    project = make_project()
    buy(project)
    charge_months(now=DUE)
    run_dunning(now=DUE)
    fund(project, "2")
    retry_unpaid(project_id=project.pk, now=DUE)
    outbox.run_due_jobs()
    assert [subject.partition(" is ")[2] for subject in subjects(mailoutbox)] == ["renewed and active"]


def test_a_mail_is_not_sent_while_the_charge_is_on_its_way(time_machine, mailoutbox):
    time_machine.move_to(DUE, tick=False)
    project = make_project()
    buy(project)
    charge_months(now=DUE)
    run_dunning(now=DUE)
    fund(project, "2")
    Job.objects.filter(kind="numbers.collect").delete()  # later than the mail
    outbox.run_due_jobs()
    assert mailoutbox == []


def test_a_number_that_was_restored_meanwhile_is_not_in_the_mail_of_the_suspended(run, mailoutbox):
    project = make_project()
    leases = [buy(project, price="2"), buy(project, price="9")]
    run(0)
    run_dunning(now=DUE + timedelta(days=10))
    fund(project, "2")
    retry_unpaid(project_id=project.pk, now=DUE + timedelta(days=10))
    assert [state(lease)[0] for lease in leases] == ["active", "suspended"]
    mailoutbox.clear()
    outbox.run_due_jobs()
    (mail,) = [mail for mail in mailoutbox if "suspended" in mail.subject]
    restored, suspended = (international(lease.number.e164) for lease in leases)
    assert suspended in mail.subject
    assert suspended in mail.body
    assert restored not in mail.body


def test_a_lock_does_not_keep_an_unpaid_number(run):
    lease = buy(make_project())
    set_lock(lease=lease, locked=True, by=SYSTEM, now=DUE)
    for day in (0, 10, 30):
        run(day)
    assert state(lease)[0] == "released"


def test_calls_reach_a_past_due_number_but_not_one_that_rests(run, client):
    project = make_project()
    lease = buy(project)
    set_sip(lease=lease, server=SipServer("203.0.113.9", 5060), by=SYSTEM, now=DUE)
    secret = switch_secret()

    def ring():
        address = f"/carrier/v1/routes/{lease.number.e164}"
        return client.get(address, headers={"Authorization": f"Bearer {secret}"}).status_code

    run(0)
    assert ring() == 200
    run(10)
    assert ring() == 402
    fund(project, "2")
    run(11)
    assert ring() == 200


def test_the_tasks_of_beat_do_it(time_machine):
    lease = buy(make_project())
    time_machine.move_to(DUE, tick=False)
    for name in ("numbers.charge_months", "numbers.follow_unpaid"):
        app.tasks[name]()
    lease.refresh_from_db()
    assert (lease.status, lease.reminders_sent) == ("past_due", 1)


@pytest.mark.parametrize(
    ("name", "value", "finding"),
    [
        ("SUSPEND_AFTER_DAYS", 0, "numbers.E020"),
        ("SUSPEND_AFTER_DAYS", 30, "numbers.E020"),
        ("UNPAID_MAIL_DAYS", [0, 10], "numbers.E021"),
        ("UNPAID_MAIL_DAYS", [-1], "numbers.E021"),
        ("RENEWAL_BATCH", 0, "numbers.E022"),
        ("RENEWAL_BATCH", 10**6, "numbers.E022"),
    ],
)
def test_days_that_make_no_sense_are_refused_at_the_start(settings, name, value, finding):
    assert unpaid_days() == []
    setattr(settings, name, value)
    assert finding in [problem.id for problem in unpaid_days()]
