"""Numbers › Documents to upload: what orders require, and what was uploaded."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from numbers.models import Order
from numbers.orders import closing
from projects.actor import SYSTEM
from tests.documents.pages import (
    ADDRESS,
    order,
    order_cards,
    page_of,
    rows,
    submitted,
)
from tests.support.documents import make_document
from tests.support.pages import text
from tests.support.projects import make_project
from tests.support.regulations import make_regulation

# -- to do ------------------------------------------------------------------------------------------------------


def test_what_an_order_requires_and_the_state_of_each_requirement(customer, project, germany):
    today = timezone.now().date()
    first = order(project)
    page = page_of(customer, project)
    [words] = order_cards(page)
    for part in (
        "Order of +49 30 12345678",
        "Berlin, Germany · DID · for a business",
        "Ordered",
        "30 days left",
        "Proof of identity Missing",
        "Of the user.",
        "Identity card or Passport",
        "Proof of address Missing",
        "Utility bill , with an address in Berlin",
    ):
        assert part in words
    assert "2 documents missing for 1 order" in text(page)
    assert reverse("numbers:order", args=[project.pid, first.ref]) in page.content.decode()

    submitted(first, 0, make_document(project, "passport", name="My passport"), "accepted")
    submitted(first, 1, make_document(project, "bill", name="Blurred bill"), "rejected", "It cannot be read.")
    old = make_document(project, "bill", name="Old bill", expires_on=today - timedelta(days=2))
    submitted(first, 1, old, "accepted")
    [words] = order_cards(page_of(customer, project))
    assert "Proof of identity Accepted" in words
    assert "My passport accepted" in words
    assert "Blurred bill rejected: It cannot be read." in words
    assert re.search(rf"Old bill expired on {old.expires_on:%-d %b %Y} ?: replace it", words)
    assert f"replaces={old.ref}" in page_of(customer, project).content.decode()

    submitted(first, 1, make_document(project, "bill", name="New bill"))
    [words] = order_cards(page_of(customer, project))
    assert "Proof of address In review" in words
    assert "New bill in review" in words
    assert "Blurred bill" not in words


def test_a_requirement_may_need_several_documents(customer, project, types):
    make_regulation("DE", lines=[ADDRESS | {"count": 3}])
    found = order(project)
    submitted(found, 0, make_document(project, "bill"))
    page = page_of(customer, project)
    assert "1 of 3 submitted" in order_cards(page)[0]
    assert "2 documents missing for 1 order" in text(page)


def test_orders_that_lack_something_come_first_and_decided_ones_not_at_all(customer, project, other_project, germany):
    review, lacking = order(project, "3011111111"), order(project, "3022222222")
    for status, digits in (("approved", "3033333333"), ("documents_requested", "3044444444")):
        Order.objects.filter(pk=order(project, digits).pk).update(status=status)
    closing.cancel_order(order=order(project, "3055555555"), by=SYSTEM, now=timezone.now())
    order(other_project, "3066666666")
    for line, kind in enumerate(("passport", "bill")):
        submitted(review, line, make_document(project, kind))
    Order.objects.filter(pk=review.pk).update(status="in_review", submitted_at=timezone.now())
    page = page_of(customer, project)
    found = order_cards(page)
    assert [re.search(r"\+49 30 \d+", each)[0] for each in found] == [
        "+49 30 22222222",
        "+49 30 44444444",
        "+49 30 11111111",
    ]
    assert "All documents are submitted. Our team is reviewing" in found[2]
    assert "4 documents missing for 2 orders" in text(page)
    assert lacking.ref.hex in page.content.decode().replace("-", "")


def test_the_upload_button_brings_order_and_type(customer, project, germany):
    found = order(project)
    body = page_of(customer, project).content.decode()
    address = reverse("numbers:document_upload", args=[project.pid])
    assert f'href="{address}?order={found.ref}"' in body  # of two types the customer chooses
    assert f'href="{address}?order={found.ref}&amp;type=bill"' in body


def test_nothing_to_do_and_no_documents(customer, project):
    words = text(page_of(customer, project))
    for part in ("Nothing to do", "No open order needs documents", "No documents yet"):
        assert part in words
    assert "Nothing is missing" not in words


# -- your documents ---------------------------------------------------------------------------------------------


def test_the_state_of_each_document(customer, project, germany):
    now = timezone.now()
    first, second = order(project, "3011111111"), order(project, "3022222222")
    ended = order(project, "3033333333")
    _, review, accepted, rejected, both, late = (
        make_document(project, "bill", name=name)
        for name in ("unused", "review", "accepted", "rejected", "both", "late")
    )
    submitted(first, 1, review)
    submitted(first, 1, accepted, "accepted")
    submitted(first, 1, rejected, "rejected", "Too dark.")
    submitted(first, 1, both, "accepted")
    submitted(second, 1, both, "rejected", "Another city.")
    submitted(ended, 1, late)
    closing.cancel_order(order=ended, by=SYSTEM, now=now)
    old = make_document(project, "bill", name="old")
    make_document(project, "bill", name="new", replaces=old)
    make_document(project, "bill", name="taken", withdrawn_at=now)
    make_document(project, "bill", name="purged", purged_at=now)
    make_document(make_project(), "bill", name="of someone else")
    day = f"{now:%-d %b %Y}"
    assert rows(page_of(customer, project)) == [
        ("purged", f"Deleted on {day}, when it was no longer needed"),
        ("taken", f"Deleted withdrawn on {day}"),
        ("new", "Not used yet"),
        ("old", "Replaced"),
        ("late", "Not used yet"),
        ("both", "Accepted"),
        ("rejected", "Rejected Too dark."),
        ("accepted", "Accepted"),
        ("review", "In review"),
        ("unused", "Not used yet"),
    ]
    body = page_of(customer, project, q="both").content.decode()
    assert "+49 30 11111111" in body
    assert re.search(r"\+49 30 22222222</span>\s*<span[^>]*>rejected", body)


@pytest.mark.parametrize(
    ("days", "badge"),
    [(-1, "Expired"), (0, "expires today"), (1, "expires in 1 day"), (30, "expires in 30 days"), (31, None)],
)
def test_expiry_is_announced(customer, project, types, days, badge):
    day = timezone.now().date() + timedelta(days=days)
    make_document(project, "passport", name="Mine", expires_on=day)
    words = text(page_of(customer, project))
    assert f"{day:%-d %b %Y}" in words
    assert (badge in words) if badge else not re.search("(?i)expire[ds]", words)


def test_who_uploaded_it_and_what_it_serves(customer, project, germany):
    document = make_document(project, "bill", name="Bill", original_name="scan.pdf", size=2048)
    make_document(project, "bill", name="Orphan", uploaded_by=None)
    for n in range(5):
        submitted(order(project, f"301111111{n}"), 1, document)
    words = text(page_of(customer, project))
    assert f"by {project.created_by.full_name}" in words
    assert "by a former member" in words
    assert "and 2 more" in words
    assert "scan.pdf" in words
