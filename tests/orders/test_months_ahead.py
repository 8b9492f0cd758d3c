"""What a number costs after its first month, and from when: before the order, on its page, in its mail."""

from datetime import timedelta

import pytest
from django.urls import reverse

from numbers.compliance import approval
from numbers.orders.activation import activate
from portal.jobs import outbox
from projects.actor import SYSTEM
from tests.orders.conftest import NOW
from tests.support.inventory import make_number
from tests.support.pages import text, words
from tests.support.regulations import make_regulation


@pytest.fixture
def number(db):
    """An order of it is complete at once."""
    make_regulation("GB", lines=[])
    return make_number("+442079460100", country="GB", region="", docs_required=True, setup_price=3, monthly_price=4)


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_the_order_dialog_names_the_later_months(headers, customer, project, number):
    words = text(customer.get(reverse("numbers:buy", args=[project.pid, number.e164[1:]]), headers=headers))
    assert "First month 4.00 USD Held today 7.00 USD" in words
    assert "Then each month, on the day of the month on which it becomes active 4.00 USD" in words
    assert "The first month starts on that day, and the first renewal is one month later." in words


def test_the_order_says_it_until_it_is_active_and_then_names_the_day(customer, project, number, order_of):
    order = order_of(number)
    page = reverse("numbers:order", args=[project.pid, order.ref])
    assert "Then each month 4.00 USD first one month after it becomes active" in text(customer.get(page))
    approval.approve(order=order, by=SYSTEM, now=NOW)
    assert "Then each month 4.00 USD" in text(customer.get(page))
    activate(order_id=order.pk, now=NOW + timedelta(days=1))
    assert "Then on the 1st of each month 4.00 USD" in text(customer.get(page))


def test_the_mail_says_it(number, order_of, mailoutbox):
    order_of(number)
    outbox.run_due_jobs()
    (mail,) = mailoutbox
    assert "Then each month: 4.00 USD, first one month after the number becomes active" in mail.body
    html = words(mail.alternatives[0].content)
    assert "Then each month, first one month after the number becomes active 4.00 USD" in html
