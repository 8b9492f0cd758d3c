"""The list of ordered numbers."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from numbers.compliance import submissions
from numbers.models import Order, OrderMessage
from numbers.orders.closing import end
from projects.actor import SYSTEM, Actor
from tests.orders.test_order_history import count_queries, fill
from tests.orders.test_order_page import at, submit
from tests.support.documents import make_document
from tests.support.pages import text, words
from tests.support.projects import fund

STAFF = Actor("staff", "Provisioning team")


# -- the list ---------------------------------------------------------------------------------------------------


def rows(page):
    return [words(row) for row in re.findall(r'<tr id="order-.*?</tr>', page.content.decode(), re.DOTALL)]


@pytest.fixture
def listed(project):
    return reverse("numbers:purchased", args=[project.pid])


def test_the_list_says_what_is_missing_and_how_long_it_takes(customer, project, order, order_of, berlin, listed):
    submit(order, "Identity", make_document(project, "passport"))
    fine = order_of(berlin(country="FR"), now=timezone.now() - timedelta(days=2))
    asking = order_of(berlin(), now=timezone.now() - timedelta(days=28))
    OrderMessage.objects.create(order=asking, kind="question", text="Hm?")
    page = customer.get(listed)
    newest, second, third = rows(page)
    assert "answer our question, 3 documents needed" in newest
    assert "expires in 2 days without documents" in newest
    assert "28 days ago" in newest
    assert "Answer the question about" in newest
    assert "In review you don’t need to do anything Next of 1 in review no recent reviews 2 days ago" in second
    assert "expires" not in second
    assert "Ordered 2 of 3 documents missing" in third
    assert f'href="{at(fine)}"' in page.content.decode()


def test_orders_that_ended_lately_stay_in_sight(customer, order, order_of, berlin, listed):
    end(order=order, to="rejected", by=STAFF, now=timezone.now() - timedelta(days=29), reason="No.")
    old = order_of(berlin())
    end(order=old, to="expired", by=SYSTEM, now=timezone.now() - timedelta(days=31))
    html = customer.get(listed).content.decode()
    assert at(order) in html
    assert at(old) not in html
    assert rows(customer.get(listed)) == []


def test_a_hundred_orders_cost_as_many_queries_as_one(customer, project, order, order_of, berlin, listed):
    fund(project, 1000)
    fill(project, order, 1)
    one = count_queries(customer, listed)
    documents = [make_document(project, "passport") for _ in range(3)]
    for n in range(100):
        placed = order_of(berlin())
        submissions.create_submissions(documents[n % 3], placed.requirements.all())
        OrderMessage.objects.create(order=placed, kind="question", text="Hm?")
    assert len(rows(customer.get(listed))) == 100
    assert count_queries(customer, listed) == one


def test_the_days_left_are_those_until_the_day_that_is_named(customer, project, order, listed, time_machine):
    time_machine.move_to("2027-03-10 20:00Z", tick=False)
    pages = [listed, at(order), reverse("numbers:documents", args=[project.pid])]
    for expires, parts in {
        "2027-03-12 06:00Z": ("expires in 2 days", "in 2 days", "2 days left"),
        "2027-03-11 23:00Z": ("expires tomorrow", "11 March 2027, 23:00 UTC;", "1 day left"),
        "2027-03-10 21:00Z": ("expires today", "10 March 2027, 21:00 UTC;", "last day"),
    }.items():
        Order.objects.filter(pk=order.pk).update(expires_at=expires)
        for page, part in zip(pages, parts, strict=True):
            assert part in text(customer.get(page)), (expires, page)
