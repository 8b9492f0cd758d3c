"""The confirmation mails, from the queued job to the text."""

from decimal import Decimal

import pytest

from numbers.orders.services import place_order, purchase
from portal.jobs import outbox
from projects.actor import for_token
from tests.orders.conftest import NOW


@pytest.fixture(autouse=True)
def _prices(number, papers):
    return number, papers


def buy(project, by):
    return purchase(project=project, e164="+12125550100", by=by, purchase_key=None, expected_total=None, now=NOW)


def test_buyer_is_told_what_was_bought_and_charged(project, by, owner, settings, mailoutbox):
    settings.SITE_URL = "https://portal.example"
    lease = buy(project, by)
    outbox.run_due_jobs()
    (mail,) = mailoutbox
    assert mail.to == [owner.email]
    assert mail.subject == "+1 212-555-0100 is yours"
    for text in (mail.body, mail.alternatives[0].content):
        for words in (
            "1.00 USD",
            "2.50 USD",
            "3.50 USD",
            "28 February 2027",
            project.pid,
            f"https://portal.example/projects/{project.pid}/numbers/purchased/{lease.pk}/",
        ):
            assert words in text


def test_purchase_over_the_api_tells_the_projects_owner(project, owner, mailoutbox):
    buy(project, for_token(project.pid, "Ab1c", None))
    outbox.run_due_jobs()
    assert [mail.to for mail in mailoutbox] == [[owner.email]]


def test_order_mail_says_what_is_held(project, by, owner, mailoutbox):
    place_order(project=project, e164="+442079460100", by=by, purchase_key=None, expected_total=Decimal(7), now=NOW)
    outbox.run_due_jobs()
    (mail,) = mailoutbox
    assert mail.to == [owner.email]
    assert mail.subject == "Your order of +44 20 7946 0100"
    assert "7.00 USD" in mail.body
    assert "Documentation is required" in mail.body


def test_project_name_cannot_inject_markup_or_headers(project, by, mailoutbox):
    project.name = "<b>x</b>\r\nBcc: everyone@customer.example"
    project.save()
    buy(project, by)
    outbox.run_due_jobs()
    (mail,) = mailoutbox
    assert "<b>x</b>" not in mail.alternatives[0].content
    assert "\n" not in mail.subject
