"""What nobody of the team has opened is accepted by whoever says so, and the trail keeps it."""

import pytest

from numbers.desk.review import verdicts
from numbers.documents import downloads
from numbers.models import Submission
from tests.desk.conftest import LATER, look
from tests.desk.test_review import entries
from tests.support.people import actor, staff_actor
from tests.support.refusals import refused

pytestmark = pytest.mark.django_db


def test_it_is_refused_without_the_word(in_review, by):
    _, address, _ = in_review
    error = refused("document_unopened", verdicts.accept, submission=address, by=by, now=LATER)
    assert error.message.startswith("Nobody has opened “My Proof of address” yet.")
    assert Submission.objects.get(pk=address.pk).verdict == "pending"


def test_with_it_the_trail_says_so(in_review, by):
    _, address, _ = in_review
    verdicts.accept(submission=address, by=by, now=LATER, unopened=True)
    entry = entries("document.accepted_unopened").get()
    assert (entry.subject, entry.data["document"]) == (address.document.name, str(address.document.ref))
    assert not entries("document.accepted").exists()


def test_a_colleagues_opening_is_enough_also_for_another_order(in_review, by, bob, order_of, project):
    _, address, _ = in_review
    other = order_of(project, "+493055500200")
    again = Submission.objects.create(requirement=other.requirements.first(), document=address.document)
    look(again, staff_actor(bob))
    verdicts.accept(submission=address, by=by, now=LATER)
    assert entries("document.accepted").exists()


def test_its_acceptance_unopened_is_no_opening(in_review, by, order_of, project):
    _, address, _ = in_review
    verdicts.accept(submission=address, by=by, now=LATER, unopened=True)
    other = order_of(project, "+493055500200")
    again = Submission.objects.create(requirement=other.requirements.last(), document=address.document)
    refused("document_unopened", verdicts.accept, submission=again, by=by, now=LATER)


def test_one_of_another_document_or_by_the_customer_is_not(in_review, by, owner):
    _, address, register = in_review
    look(register, by)
    downloads.download(document=address.document, by=actor(owner))
    refused("document_unopened", verdicts.accept, submission=address, by=by, now=LATER)


def test_the_word_changes_nothing_about_one_that_was_opened(in_review, by):
    _, address, _ = in_review
    look(address, by)
    verdicts.accept(submission=address, by=by, now=LATER, unopened=True)
    assert entries("document.accepted").exists()
    assert not entries("document.accepted_unopened").exists()
