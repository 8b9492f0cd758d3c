"""The mails of the desk, from the decision to the text."""

import pytest

from numbers.desk import order_version
from numbers.desk.review import decision, messages, verdicts
from numbers.models import DocumentType
from portal.jobs import outbox
from tests.desk.conftest import LATER

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(mailoutbox, settings, owner):
    settings.SITE_URL = "https://portal.example"

    def deliver():
        mailoutbox.clear()
        outbox.run_due_jobs()
        (mail,) = mailoutbox
        assert mail.to == [owner.email]
        return mail

    return deliver


@pytest.fixture(autouse=True)
def _earlier_mails_are_gone(in_review, mailoutbox):
    outbox.run_due_jobs()


def check(mail, order, *words):
    address = f"https://portal.example/projects/{order.project.pid}/numbers/orders/{order.ref}/"
    for body in (mail.body, mail.alternatives[0].content):
        for each in (*words, "Olga Owner", "+49 30 55500100", order.project.pid, address):
            assert each in body, each


def test_a_rejected_document(in_review, by, sent):
    order, address, _ = in_review
    verdicts.reject(submission=address, reason="It cannot be read.", by=by, now=LATER)
    mail = sent()
    assert mail.subject == "A document for your order of +49 30 55500100 was rejected"
    check(mail, order, "My Proof of address", "Proof of address", "It cannot be read.", "pload another", "9 April 2027")


def test_a_rejected_document_that_another_one_replaces(in_review, by, sent, submit):
    order, address, _ = in_review
    submit(order, "Proof of address")
    verdicts.reject(submission=address, reason="Doubled.", by=by, now=LATER)
    check(sent(), order, "you don’t need to do anything")


def test_no_mail_when_the_reviewer_thought_better_of_it(in_review, by, mailoutbox):
    order, address, _ = in_review
    mailoutbox.clear()
    verdicts.reject(submission=address, reason="No.", by=by, now=LATER)
    verdicts.accept(
        unopened=True, submission=address, by=by, now=LATER, seen=str(order_version.current_version(order.pk))
    )
    outbox.run_due_jobs()
    assert mailoutbox == []


def test_a_question(in_review, by, sent):
    order, _, _ = in_review
    messages.ask_customer(order=order, text="Who uses it?\nAnd where?", by=by, now=LATER)
    mail = sent()
    assert mail.subject == "A question about your order of +49 30 55500100"
    check(mail, order, "Who uses it?", "And where?", "Answer")


def test_one_more_document(in_review, by, sent):
    order, _, _ = in_review
    types = [DocumentType.objects.get(code="utility_bill")]
    messages.ask_customer(
        order=order, text="We need it.", title="Lease contract", document_types=types, by=by, now=LATER
    )
    mail = sent()
    assert mail.subject == "One more document for your order of +49 30 55500100"
    check(mail, order, "We need it.", "Lease contract", "9 April 2027")


def test_a_rejected_order(in_review, by, sent):
    order, _, _ = in_review
    decision.reject(order=order, reason="We could not verify you.", by=by, now=LATER)
    mail = sent()
    assert mail.subject == "Your order of +49 30 55500100 was rejected"
    check(mail, order, "We could not verify you.", "Nothing was charged.", "7.00 USD")


def test_words_of_reviewers_cannot_inject_markup(in_review, by, sent):
    order, _, _ = in_review
    decision.reject(order=order, reason="<script>x</script>", by=by, now=LATER)
    assert "<script>" not in sent().alternatives[0].content
