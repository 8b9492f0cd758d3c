"""The page of one order: what happened to it, and how far it is."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from numbers.compliance import submissions
from numbers.models import Lease, Order, OrderMessage
from numbers.orders.closing import end
from projects import audit
from projects.models import AuditEntry
from tests.orders.test_order_page import STAFF, at
from tests.support.documents import make_document
from tests.support.pages import flat, text
from tests.support.people import actor, sign_in
from tests.support.projects import make_project
from tests.support.queries import query_count
from tests.support.regulations import make_regulation


def test_the_history_of_this_order_only(customer, project, order, order_of, berlin):
    order_of(berlin())
    audit.record(
        project_id=project.pk, by=STAFF, action="document.viewed", subject="Passport of Ada", order=str(order.ref)
    )
    audit.record(
        project_id=make_project().pk, by=STAFF, action="document.viewed", subject="Elsewhere", order=str(order.ref)
    )
    html = flat(customer.get(at(order)).content.decode())
    entries = re.findall(r'<span class="order-history-words">(.*?)</span>', html)
    assert len(entries) == 2
    assert entries[0].startswith("<strong>Provisioning team</strong> viewed")
    assert "Passport of Ada" in entries[0]
    assert entries[1].endswith(f"ordered {order.number.e164[:3]} {order.number.e164[3:5]} {order.number.e164[5:]}")


def test_the_history_has_what_the_customer_submitted_and_withdrew(customer, project, order, owner):
    """In order of time, newest first; documents of other orders and what was there before are elsewhere."""
    by = actor(owner)
    requirement = order.requirements.first()
    mine, foreign = (
        make_document(project, requirement.document_types.first(), name=name) for name in ("Mine", "Foreign")
    )
    submissions.create_submissions(mine, [requirement])
    meant = make_document(project, requirement.document_types.first(), name="Refused", only_for=order)
    for document, action in (
        (mine, "uploaded"),
        (foreign, "uploaded"),
        (mine, "checked"),
        (meant, "uploaded"),
        (meant, "refused"),
        (mine, "withdrawn"),
        (mine, "downloaded"),
    ):
        audit.record(
            project_id=project.pk, by=by, action=f"document.{action}", subject=document.name, document=str(document.ref)
        )
    early = AuditEntry(
        project=project,
        at=order.created_at - timedelta(days=1),
        actor_kind="user",
        actor_label="x",
        action="document.uploaded",
        subject=mine.name,
        data={"document": str(mine.ref)},
    )
    early.save()
    page = flat(customer.get(at(order)).content.decode())
    words = re.findall(r'<span class="order-history-words"><strong>.*?</strong> (.*?)</span>', page)
    assert words[:5] == [
        "withdrew the document “Mine”; its file was deleted",
        "rejected the document “Refused” and erased the file",
        "uploaded the document “Refused”",
        "checked the document “Mine”: no problems found",
        "uploaded the document “Mine”",
    ]
    assert len(words) == 6
    assert re.search(r'<time class="stat-note" datetime="[^"]+">[^<]* UTC</time>', page)


def steps(page):
    step = r'<li class="steps-way-step is-(\w+)".*?steps-way-label">([^<]*)<'
    found = re.findall(step, flat(page.content.decode()), re.DOTALL)
    return [f"{label}: {state}" for state, label in found]


@pytest.mark.parametrize(
    ("status", "values", "way"),
    [
        (
            "ordered",
            {},
            ["Ordered: done", "Documents: current", "In review: ahead", "Approved: ahead", "Active: ahead"],
        ),
        (
            "documents_requested",
            {},
            ["Ordered: done", "Documents: current", "In review: ahead", "Approved: ahead", "Active: ahead"],
        ),
        (
            "in_review",
            {"submitted_at": True},
            ["Ordered: done", "Documents: done", "In review: current", "Approved: ahead", "Active: ahead"],
        ),
        (
            "approved",
            {"submitted_at": True, "decided_at": True},
            ["Ordered: done", "Documents: done", "In review: done", "Approved: done", "Active: current"],
        ),
        (
            "active",
            {"submitted_at": True, "decided_at": True, "closed_at": True},
            ["Ordered: done", "Documents: done", "In review: done", "Approved: done", "Active: done"],
        ),
        (
            "rejected",
            {"submitted_at": True, "decided_at": True, "closed_at": True},
            ["Ordered: done", "Documents: done", "In review: done", "Rejected: ended"],
        ),
        ("expired", {"closed_at": True}, ["Ordered: done", "Expired: ended"]),
        ("cancelled", {"closed_at": True}, ["Ordered: done", "Cancelled: ended"]),
    ],
)
def test_the_way_of_an_order(spoiled, customer, order, status, values, way):
    now = timezone.now()
    Order.objects.filter(pk=order.pk).update(status=status, **dict.fromkeys(values, now))
    page = customer.get(at(order))
    assert page.status_code == 200
    assert steps(page) == way
    assert flat(page.content.decode()).count('aria-current="step"') == sum(step.endswith("current") for step in way)


def test_an_order_that_ended_says_how_and_offers_nothing(customer, order):
    end(order=order, to="rejected", by=STAFF, now=timezone.now(), reason="The <i>business</i> is not there.")
    page = customer.get(at(order))
    words = text(page)
    assert "The &lt;i&gt;business&lt;/i&gt; is not there. The 1.00 USD held for it is back in your credits." in words
    html = flat(page.content.decode())
    for address in ("order_cancel", "order_answer", "order_submit"):
        assert at(order, address) not in html
    assert "Review time" not in text(page)
    assert "Not submitted" in text(page)


def test_an_active_order_leads_to_its_number(spoiled, customer, project, order):
    now = timezone.now()
    Order.objects.filter(pk=order.pk).update(status="active", submitted_at=now, decided_at=now, closed_at=now)
    lease = Lease.objects.create(
        number=order.number,
        project=project,
        order=order,
        started_at=now,
        anchor_day=1,
        setup_price=1,
        monthly_price=1,
        next_charge_on=now.date(),
    )
    page = customer.get(at(order))
    assert f'href="{reverse("numbers:lease", args=[project.pid, lease.pk])}"' in page.content.decode()
    assert "Charged 1.00 USD" in text(page)


def test_the_review_time_is_on_the_page(customer, order):
    assert "We have not reviewed any orders in the last 90 days" in text(customer.get(at(order)))


def test_a_reader_sees_the_order_and_no_buttons(client, project, order, reader):
    make_document(project, "passport")
    reader = sign_in(client, reader)
    html = flat(reader.get(at(order)).content.decode())
    for address in ("order_cancel", "order_answer", "order_submit"):
        assert at(order, address) not in html
        assert reader.post(at(order, address), {"text": "x"}).status_code == 403


def test_a_stranger_finds_nothing(client, project, order, stranger, other_project):
    stranger = sign_in(client, stranger)
    for pid in (project.pid, other_project.pid):
        url = reverse("numbers:order", args=[pid, order.ref])
        assert stranger.get(url).status_code == 404
        for name in ("order_answer", "order_submit"):
            assert stranger.post(reverse(f"numbers:{name}", args=[pid, order.ref]), {"text": "x"}).status_code == 404
    assert stranger.get(at(order)).status_code == 404


def count_queries(customer, url):
    customer.get(url)
    return query_count(customer, url)


def fill(project, order, n):
    for requirement in order.requirements.all():
        for _ in range(n):
            submissions.create_submissions(make_document(project, requirement.document_types.first()), [requirement])
    for k in range(n):
        OrderMessage.objects.create(order=order, kind="question", text=f"{k}")
        audit.record(project_id=project.pk, by=STAFF, action="document.viewed", subject="x", order=str(order.ref))


def test_the_page_asks_the_database_as_often_for_a_long_order(customer, project, order):
    make_document(project, "passport")
    customer.get(at(order))  # the first page of a session notes where it began
    before = count_queries(customer, at(order))
    assert before <= 16
    fill(project, order, 1)
    assert count_queries(customer, at(order)) <= before
    make_regulation("FR", lines=[])
    for _ in range(10):
        make_document(project, "passport")
    fill(project, order, 4)
    assert count_queries(customer, at(order)) <= before
