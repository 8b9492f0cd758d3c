"""The confirmation mails, from the queued job to the text."""

from datetime import timedelta
from decimal import Decimal

import pytest

from numbers.models import Number, Submission
from numbers.orders.closing import cancel_order
from numbers.orders.expiry import expire_orders, remind
from portal.jobs import outbox
from projects.actor import for_token
from tests.orders.conftest import NOW
from tests.support.documents import make_document
from tests.support.pages import flat
from tests.support.purchases import order_number, purchase_number
from tests.support.regulations import make_regulation


@pytest.fixture(autouse=True)
def _prices(number, regulated_number):
    return number, regulated_number


def test_buyer_is_mailed_what_was_bought_and_charged(project, by, owner, settings, mailoutbox):
    settings.SITE_URL = "https://portal.example"
    lease = purchase_number(project, "+12125550100", by=by, now=NOW)
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
    purchase_number(project, "+12125550100", by=for_token(project.pid, "Ab1c", None), now=NOW)
    outbox.run_due_jobs()
    assert [mail.to for mail in mailoutbox] == [[owner.email]]


def test_order_mail_says_what_is_held(project, by, owner, mailoutbox):
    order_number(project, "+442079460100", by=by, now=NOW, expected=Decimal(7))
    outbox.run_due_jobs()
    (mail,) = mailoutbox
    assert mail.to == [owner.email]
    assert mail.subject == "Your order of +44 20 7946 0100"
    assert "7.00 USD" in mail.body
    assert "Documentation required" in mail.body


def mailed(mailoutbox, *, subject, words):
    """The last mail, in both of its forms."""
    mail = mailoutbox[-1]
    assert mail.subject == subject
    for body in (mail.body, flat(mail.alternatives[0].content)):
        for part in words:
            assert part in body, part
    return mail


def test_order_mail_lists_what_is_missing(project, owner, order_of, berlin, mailoutbox, settings):
    settings.SITE_URL = "https://portal.example"
    make_regulation(
        "DE",
        lines=[
            "passport",
            {
                "types": ["utility_bill", "bank_statement"],
                "title": "Proof of address",
                "count": 2,
                "address_scope": "city",
            },
        ],
    )
    order = order_of(berlin())
    requirement = order.requirements.get(title="Passport")
    Submission.objects.create(requirement=requirement, document=make_document(project, "passport"))
    outbox.run_due_jobs()
    mail = mailed(
        mailoutbox,
        subject="Your order of +49 30 31120000",
        words=[
            "Documentation required",
            "Proof of address",
            "2 documents",
            "Bank statement, Utility bill",
            "with an address in Berlin",
            "2 March 2027",
            "1.00 USD",
            f"https://portal.example/projects/{project.pid}/numbers/orders/{order.ref}/",
        ],
    )
    assert "Passport" not in mail.body
    assert mail.to == [owner.email]


def test_order_mail_says_when_nothing_is_missing(order_of, berlin, mailoutbox):
    order_of(berlin())
    outbox.run_due_jobs()
    mail = mailed(mailoutbox, subject="Your order of +49 30 31120000", words=["Nothing is missing", "1.00 USD"])
    assert "Documentation required" not in mail.body


def test_cancellation_mail(project, by, order_of, berlin, mailoutbox):
    order = order_of(berlin())
    for _ in range(2):
        cancel_order(order=order, by=by, now=NOW)
    outbox.run_due_jobs()
    assert len(mailoutbox) == 2
    mailed(
        mailoutbox,
        subject="Your order of +49 30 31120000 was cancelled",
        words=["1.00 USD held for it is back in your credits"],
    )


def test_mails_of_an_order_that_runs_out_of_time(project, order_of, mailoutbox, settings):
    settings.SITE_URL = "https://portal.example"
    order = order_of(Number.objects.get(e164="+442079460100"))
    link = f"https://portal.example/projects/{project.pid}/numbers/orders/{order.ref}/"
    remind(now=NOW + timedelta(days=28))
    outbox.run_due_jobs()
    mailed(
        mailoutbox,
        subject="Your order of +44 20 7946 0100 expires soon",
        words=["Address proof", "2 March 2027, 23:30 UTC", "7.00 USD", link],
    )
    expire_orders(now=NOW + timedelta(days=30))
    outbox.run_due_jobs()
    mailed(
        mailoutbox,
        subject="Your order of +44 20 7946 0100 has expired",
        words=["was not completed by 2 March 2027", "7.00 USD held for it is back in your credits", link],
    )
    assert len(mailoutbox) == 3


def test_project_name_cannot_inject_markup_or_headers(project, by, mailoutbox):
    project.name = "<b>x</b>\r\nBcc: everyone@customer.example"
    project.save()
    purchase_number(project, "+12125550100", by=by, now=NOW)
    outbox.run_due_jobs()
    (mail,) = mailoutbox
    assert "<b>x</b>" not in mail.alternatives[0].content
    assert "\n" not in mail.subject
