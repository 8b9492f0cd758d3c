"""Two reviewers at the same moment: one decision counts, the other person learns of it."""

from functools import partial

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.test import RequestFactory

from billing.ledger import integrity
from billing.ledger import queries as ledger
from numbers.desk import document_views, order_version
from numbers.desk.order_context import find_submission
from numbers.desk.review import assignment, decision, messages, verdicts
from numbers.models import Order, OrderRequirement, Submission
from portal.core.errors import DomainError
from portal.jobs.models import Job
from projects.models import AuditEntry
from tests.desk.conftest import LATER, look, reviewer
from tests.support.crowd import Beside, at_once, tally, wait_until_it_waits
from tests.support.people import staff_actor

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.race,
    pytest.mark.usefixtures("quiet_broker"),
]
CROWD = 8


@pytest.fixture
def team(in_review):
    return [staff_actor(reviewer(f"Reviewer {n}")) for n in range(CROWD)]


def test_many_reject_one_order(in_review, team, project):
    order, *_ = in_review
    seen = str(order_version.current_version(order.pk))
    results = at_once(
        partial(decision.reject, order=order, reason=f"By {by.user_id}", by=by, now=LATER, seen=seen) for by in team
    )
    assert tally(results) == {"Order": 1, "order_closed": CROWD - 1}
    order.refresh_from_db()
    refusals = [result.message for result in results if isinstance(result, DomainError)]
    assert all(order.decided_by.get_full_name() in words for words in refusals)
    assert (ledger.balance(project.pk), ledger.held(project.pk)) == (50, 0)
    assert AuditEntry.objects.filter(action="order.rejected").count() == 1
    assert Job.objects.filter(kind="numbers.order_rejected_mail").count() == 1
    assert integrity.problems() == []


def test_a_double_click_of_one_person(in_review, team, project):
    order, *_ = in_review
    results = at_once(partial(decision.reject, order=order, reason="No.", by=team[0], now=LATER) for _ in range(CROWD))
    assert tally(results) == {"Order": CROWD}
    assert AuditEntry.objects.filter(action="order.rejected").count() == 1
    assert ledger.balance(project.pk) == 50


def test_approved_or_rejected_but_not_both(in_review, team, project):
    order, address, register = in_review
    for each in (address, register):
        verdicts.accept(unopened=True, submission=each, by=team[0], now=LATER)
    seen = str(order_version.current_version(order.pk))
    acts = [partial(decision.approve, order=order, by=by, now=LATER, seen=seen) for by in team[::2]]
    acts += [partial(decision.reject, order=order, reason="No.", by=by, now=LATER, seen=seen) for by in team[1::2]]
    assert tally(at_once(acts)) == {"Order": 1, "order_closed": CROWD - 1}
    order.refresh_from_db()
    decisions = AuditEntry.objects.filter(action__in=["order.approved", "order.rejected"])
    assert decisions.get().action == f"order.{order.status}"
    assert ledger.held(project.pk) == (7 if order.status == "approved" else 0)
    assert integrity.problems() == []


def test_one_document_is_decided_once(in_review, team):
    order, address, _ = in_review
    seen = str(order_version.current_version(order.pk))
    look(address, team[0])
    acts = [partial(verdicts.accept, submission=address, by=by, now=LATER, seen=seen) for by in team[::2]]
    acts += [
        partial(verdicts.reject, submission=address, reason="No.", by=by, now=LATER, seen=seen) for by in team[1::2]
    ]
    results = tally(at_once(acts))
    assert results["Submission"] == 1
    assert results["page_outdated"] + results["document_decided"] == CROWD - 1
    verdict = Submission.objects.get(pk=address.pk).verdict
    assert AuditEntry.objects.get(action__in=["document.accepted", "document.rejected"]).action == f"document.{verdict}"


def test_one_request_of_a_double_click(in_review, team):
    order, address, _ = in_review
    kinds = list(address.requirement.document_types.all())
    seen = str(order_version.current_version(order.pk))
    ask = partial(
        messages.ask_customer,
        order=order,
        text="More.",
        title="Lease",
        document_types=kinds,
        by=team[0],
        now=LATER,
        seen=seen,
    )
    assert tally(at_once([ask] * CROWD)) == {"OrderMessage": CROWD}
    assert OrderRequirement.objects.filter(title="Lease").count() == order.messages.count() == 1


def test_one_note_of_a_double_click(in_review, team):
    order, *_ = in_review
    note = partial(messages.add_note, order=order, text="Called them.", by=team[0], now=LATER)
    with transaction.atomic():
        note()
        again = Beside(note)
        wait_until_it_waits(again)
    assert again.result() == order.messages.get()


def test_one_of_many_is_assigned_the_order(in_review, team):
    order, *_ = in_review
    people = [reviewer(f"Taker {n}") for n in range(CROWD)]
    results = at_once(
        partial(assignment.assign, order=order, to=each, by=staff_actor(each), now=LATER, expected_assignee=None)
        for each in people
    )
    assert tally(results) == {"Order": 1, "order_assigned": CROWD - 1}
    assert LogEntry.objects.count() == 1


def test_pages_requested_at_once_are_one_opening(in_review, team):
    _, address, _ = in_review
    request = RequestFactory().get("/")
    request.session = SessionStore("one-session-of-one-person")
    submission = find_submission(address.requirement.order_id, address.pk)
    at_once(partial(document_views.record_view, request, submission, by=team[0]) for _ in range(CROWD))
    assert AuditEntry.objects.filter(action="document.viewed").count() == 1


def test_without_the_lock_the_race_shows(in_review, team, monkeypatch):
    """The negative control: with an order that is not locked, several decisions are written down."""
    order, *_ = in_review

    def unlocked(order):
        return Order.objects.select_related("number", "project").get(pk=order.pk)

    monkeypatch.setattr(assignment, "lock_order", unlocked)
    people = [reviewer(f"Taker {n}") for n in range(CROWD)]
    results = at_once(
        partial(assignment.assign, order=order, to=each, by=staff_actor(each), now=LATER, expected_assignee=None)
        for each in people
    )
    assert tally(results)["Order"] > 1
