"""Ordered numbers and the page of one order, over HTTP."""

import re
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from numbers.compliance import submissions
from numbers.models import OrderMessage, Submission
from numbers.orders.closing import end
from projects.actor import Actor
from tests.support.documents import make_document
from tests.support.pages import flat, text, words
from tests.support.projects import make_project

STAFF = Actor("staff", "Provisioning team")


def at(order, name="order"):
    return reverse(f"numbers:{name}", args=[order.project.pid, order.ref])


def section(page, name) -> str:
    """The words of the card with this id."""
    found = re.search(rf'<section class="card[^"]*" id="{name}".*?</section>', flat(page.content.decode()), re.DOTALL)
    assert found, name
    return words(found[0])


def submit(order, title, document, verdict="pending", reason=""):
    requirement = order.requirements.get(title=title)
    submissions.create_submissions(document, [requirement])
    Submission.objects.filter(requirement=requirement, document=document).update(verdict=verdict, reason=reason)


def test_the_page_shows_requirements_and_verdicts(customer, project, order):
    submit(order, "Identity", make_document(project, "passport", name="Passport of Ada"), "accepted")
    submit(order, "Address", make_document(project, "utility_bill", name="Gas"), "rejected", "Too <b>old</b>.")
    submit(order, "Address", make_document(project, "bank_statement", name="April"))
    page = customer.get(at(order))
    words = section(page, "documents")
    for part in (
        "Identity Accepted Both sides.",
        "Passport of Ada Passport Accepted",
        "Address 2 documents 1 of 2 missing Bank statement or Utility bill, with an address in Berlin",
        "April Bank statement In review",
        "Gas Utility bill Rejected Too &lt;b&gt;old&lt;/b&gt;.",
    ):
        assert part in words
    assert "1 of 3 documents is missing" in text(page)
    assert "in 30 days; until then the number is reserved for you" in text(page)
    assert "Held 1.00 USD" in text(page)


def test_documents_that_could_be_submitted_are_listed(customer, project, order):
    submit(order, "Address", make_document(project, "utility_bill", name="Rejected bill"), "rejected", "No.")
    for name, kind, extra in [
        ("Good bill", "utility_bill", {}),
        ("A passport", "passport", {}),
        ("Old bill", "utility_bill", {"expires_on": timezone.now().date() - timedelta(days=1)}),
        ("Gone", "utility_bill", {"withdrawn_at": timezone.now()}),
        ("Register", "registration", {}),
    ]:
        make_document(project, kind, name=name, **extra)
    make_document(make_project(), "utility_bill", name="Somebody else's")
    html = flat(customer.get(at(order)).content.decode())
    assert re.findall(r'<option value="[0-9a-f-]{36}">([^<]*)</option>', html) == [
        "A passport (Passport)",
        "Good bill (Utility bill)",
    ]


def test_submitting_a_document(customer, project, order):
    requirement, document = order.requirements.get(title="Identity"), make_document(project, "passport", name="Ada")
    page = customer.post(at(order, "order_submit"), {"line": requirement.pk, "document": document.ref}, follow=True)
    assert page.redirect_chain == [(at(order) + "#documents", 302)]
    assert "“Ada” submitted for “Identity”." in text(page)
    assert Submission.objects.get().document == document


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"line": "1"},
        {"document": ""},
        {"line": "x", "document": "y"},
        {"line": "9" * 40, "document": "\x00"},
        {"line": "-1", "document": str(uuid.uuid4())},
    ],
)
def test_nonsense_submits_nothing(customer, order, sent):
    page = customer.post(at(order, "order_submit"), sent)
    assert page.status_code == 422
    assert not Submission.objects.exists()


def test_an_error_stands_beside_its_requirement(customer, project, order):
    requirement = order.requirements.get(title="Identity")
    document = make_document(project, "registration", name="Wrong")
    page = customer.post(at(order, "order_submit"), {"line": requirement.pk, "document": document.ref})
    assert page.status_code == 422
    html = flat(page.content.decode())
    mine = re.search(rf'id="line-{requirement.pk}".*?</li>', html, re.DOTALL)[0]
    assert "“Wrong” is not one of the documents accepted for “Identity”." in mine
    assert html.count("is not one of the documents") == 1
    page = customer.post(at(order, "order_submit"), {"line": requirement.pk, "document": ""})
    mine = re.search(rf'id="line-{requirement.pk}".*?</li>', flat(page.content.decode()), re.DOTALL)[0]
    assert "Choose a document." in mine


def test_foreign_things_are_not_found(customer, project, order, order_of, berlin):
    requirement, mine = order.requirements.get(title="Identity"), make_document(project, "passport")
    theirs = make_document(make_project(), "passport")
    other = order_of(berlin()).requirements.first()
    for sent in (
        {"line": requirement.pk, "document": theirs.ref},
        {"line": other.pk, "document": mine.ref},
        {"line": 2**62, "document": mine.ref},
        {"line": requirement.pk, "document": uuid.uuid4()},
    ):
        assert customer.post(at(order, "order_submit"), sent).status_code == 404
    assert not Submission.objects.exists()


def test_the_conversation(customer, order):
    OrderMessage.objects.create(order=order, kind="question", text="Which <address>?\nThe first?")
    OrderMessage.objects.create(order=order, kind="note", text="A secret of ours")
    page = customer.get(at(order))
    words = section(page, "conversation")
    assert "Which &lt;address&gt;? The first?" in words
    assert "Waiting for your answer" in words
    assert "secret" not in page.content.decode()
    page = customer.post(at(order, "order_answer"), {"text": "The first."}, follow=True)
    assert page.redirect_chain == [(at(order) + "#conversation", 302)]
    words = section(page, "conversation")
    assert "The first." in words
    assert "Waiting for your answer" not in words


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({}, "Write your message first."),
        ({"text": "   "}, "Write your message first."),
        ({"text": "kept words \x1b"}, "cannot be shown"),
        ({"text": "x" * 2001}, "at most 2000 characters"),
        ({"text": "\x00"}, "Null characters are not allowed"),
    ],
)
def test_a_message_that_cannot_be_sent_is_kept(customer, order, sent, says):
    page = customer.post(at(order, "order_answer"), sent)
    assert page.status_code == 422
    assert says in section(page, "conversation")
    assert sent.get("text", "").replace("\x00", "").strip()[:10] in page.content.decode()
    assert not OrderMessage.objects.exists()


def test_a_message_to_an_order_that_ended_meanwhile(customer, order):
    end(order=order, to="rejected", by=STAFF, now=timezone.now(), reason="Not this time.")
    page = customer.post(at(order, "order_answer"), {"text": "Wait"})
    assert page.status_code == 409
    assert not OrderMessage.objects.exists()
