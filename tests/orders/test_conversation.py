"""What the customer writes about an order."""

from datetime import timedelta

import pytest

from numbers.compliance import history
from numbers.compliance.submissions import submit_document
from numbers.console.orders import order_context
from numbers.models import Order, OrderMessage
from numbers.orders import conversation
from numbers.orders.lifecycle import transition
from projects.models import AuditEntry, Project
from tests.orders.conftest import NOW
from tests.support.documents import make_document
from tests.support.people import actor
from tests.support.refusals import refusal, refused


@pytest.fixture
def order(order_of, regulated_number):
    return order_of(regulated_number)


@pytest.fixture
def say(order, by):
    return lambda text, **extra: conversation.answer(**{"order": order, "text": text, "by": by, "now": NOW} | extra)


def ask(order, text="Which address?"):
    return OrderMessage.objects.create(order=order, kind="question", text=text, created_at=NOW)


def test_an_answer_marks_the_question_answered_and_moves_nothing(order, by, say):
    question = ask(order)
    assert order_context.order_summary(order, NOW).question == question
    message = say(" The one\r\nin Example Street. ")
    assert (message.kind, message.text, message.author_id, message.created_at) == (
        "answer",
        "The one\nin Example Street.",
        by.user_id,
        NOW,
    )
    order.refresh_from_db()
    assert (order_context.order_summary(order, NOW).question, order.status) == (None, "ordered")
    entry = AuditEntry.objects.get(action="order.answered")
    assert (entry.subject, entry.data["order"]) == (order.number.e164, str(order.ref))
    assert order_context.order_summary(order, NOW).question is None
    again = ask(order, "And the other one?")
    assert order_context.order_summary(order, NOW).question == again


def test_documents_that_send_the_order_to_review_close_the_question(order, project, by):
    question = ask(order)
    document = make_document(project, "address_proof")
    later = NOW + timedelta(hours=1)
    submit_document(order=order, requirement=order.requirements.get(), document=document, by=by, now=later)
    order.refresh_from_db()
    assert (order.status, order_context.order_summary(order, later).question) == ("in_review", None)
    again = OrderMessage.objects.create(order=order, kind="question", text="And who?", created_at=later)
    assert order_context.order_summary(order, later).question == again
    assert question.pk < again.pk


def test_a_note_of_staff_neither_asks_nor_answers(order, say):
    question = ask(order)
    OrderMessage.objects.create(order=order, kind="note", text="Odd customer.")
    assert order_context.order_summary(order, NOW).question == question
    say("Yes")
    OrderMessage.objects.create(order=order, kind="note", text="Hm.")
    assert order_context.order_summary(order, NOW).question is None
    assert [message.text for message in history.messages(order)] == ["Which address?", "Yes"]


def test_the_same_words_twice_are_one_message(order, say, stranger):
    first = say("Yes")
    OrderMessage.objects.create(order=order, kind="note", text="Hm.")  # the customer knows nothing of it
    assert say("Yes ").pk == first.pk
    assert AuditEntry.objects.filter(action="order.answered").count() == 1
    assert say("Yes", by=actor(stranger)).pk != first.pk
    ask(order)
    assert say("Yes").pk != first.pk


@pytest.mark.parametrize("text", ["", " \n\t ", "a\x00b", "\x1b[31m", "a\ud800", "x" * 2001])
def test_unreadable_messages(order, say, text):
    error = refusal(say, text)
    assert (error.code, error.field, error.status) == ("message_invalid", "text", 422)
    assert not OrderMessage.objects.exists()


def test_lines_stay_lines(say):
    assert say("One\r\ntwo\x0bthree\n").text == "One\ntwo\nthree"


def test_the_longest_message(order, say):
    assert len(say("ä" * 2000).text) == 2000


@pytest.mark.parametrize("end", ["cancelled", "rejected", "expired", "approved"])
def test_a_decided_order_takes_no_messages(spoiled, order, say, end):
    if end == "approved":
        transition(order, "in_review", now=NOW)
    transition(order, end, now=NOW)
    error = refusal(say, "Wait!")
    assert (error.code, error.extra["now"]) == ("order_closed", end)
    assert not OrderMessage.objects.exists()


def test_an_archived_project_writes_nothing(order, say):
    Project.objects.update(status="archived")
    refused("project_archived", say, "Hello")


def test_nobody_floods_an_order(order, say, by):
    OrderMessage.objects.bulk_create(
        OrderMessage(order=order, kind="answer", text=f"{n}", author_id=by.user_id) for n in range(49)
    )
    say("the fiftieth")
    refused("conversation_full", say, "one more")
    assert Order.objects.get().messages.count() == 50


def test_messages_show_in_the_order_in_which_they_were_written(order, say):
    ask(order, "first")
    say("second", now=NOW - timedelta(days=3))
    assert [message.text for message in history.messages(order)] == ["first", "second"]
