"""The page of an order and what is done from it, by the front door."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from numbers.desk import order_version
from numbers.desk.review import messages, verdicts
from numbers.models import Order, Submission
from tests.desk.conftest import LATER, look
from tests.desk.order_page import address_of
from tests.support.pages import html
from tests.support.people import browser_of, staff_actor

pytestmark = pytest.mark.django_db


def test_all_that_a_reviewer_needs_is_there(desk, in_review, by, owner):
    order, *_ = in_review
    messages.add_note(order=order, text="Looks fine so far.", by=by, now=timezone.now())
    messages.ask_customer(order=order, text="Who will <b>use</b> it?", by=by, now=LATER)
    page = html(desk.get(address_of(order)))
    for words in (
        "+49 30 55500100", "Germany, Berlin", "DID", "for a business", "In review",
        "Proof of address", "Bank statement, Utility bill", "An address in Berlin", "Company register",
        "My Proof of address", "2 pages", "Harbour Voice", order.project.pid, "Olga Owner", "Harbour Lights Ltd",
        owner.email, "43.00 USD", "7.00 USD held for orders", "0 orders, 0 documents",
        "Looks fine so far.", "Who will &lt;b&gt;use&lt;/b&gt; it?", "Not yet answered", "ordered the number",
        "Still to be accepted: Proof of address, Company register.",
    ):  # fmt: skip
        assert words in page, words
    assert 'disabled aria-describedby="why-not"' in page


def test_what_waits_for_our_team_comes_before_what_is_missing(desk, order, submit):
    """A requirement of two documents: with none, with one, with both, and with both accepted."""

    def badge():
        found = html(desk.get(address_of(order))).partition(">Proof of address</h3>")[2]
        return re.search(r"desk-tag-([a-z]+)", found)[1]

    order.requirements.filter(title="Proof of address").update(count=2)
    badges = [badge()]
    for n in range(2):
        submit(order, "Proof of address", name=f"Bill {n}")
        badges.append(badge())
    Submission.objects.update(verdict="accepted")
    assert [*badges, badge()] == ["plain", "soon", "soon", "good"]


def test_the_whole_review(do, desk, in_review, provisioner):
    order, address, register = in_review
    for each in (address, register):
        assert desk.get(reverse("admin:desk_download", args=[order.pk, each.pk])).status_code == 200
    answer = do("accept", submission=address.pk, view=address.pk, page=2)
    assert answer.url == f"{address_of(order)}?view={address.pk}&page=2#document-{register.pk}"
    assert do("accept", submission=register.pk).url == address_of(order) + "#decide"
    page = html(desk.get(address_of(order)))
    assert "disabled" not in page
    assert do("approve").status_code == 302
    order.refresh_from_db()
    assert (order.status, order.decided_by) == ("approved", provisioner)
    assert "The number is being activated" in html(desk.get(address_of(order)))


def accept_forms(page):
    """Of the first document: whether the plain form is shown, and whether the one that asks for the word is there."""
    article = page.partition('<article class="desk-document')[2].partition("</article>")[0]
    plain = re.search(r"data-accept( hidden)?>", article)
    return plain is not None and plain[1] is None, "data-accept-unopened" in article


def test_what_nobody_has_opened_is_accepted_by_two_steps(do, desk, in_review, by):
    order, address, _ = in_review
    assert accept_forms(html(desk.get(address_of(order)))) == (False, True)
    page = html(do("accept", submission=address.pk), 409)
    assert "Nobody has opened “My Proof of address” yet." in page
    assert "data-accept-unopened open" in page
    assert 'name="unopened"' in page
    assert Submission.objects.get(pk=address.pk).verdict == "pending"
    assert do("accept", submission=address.pk, unopened="on").status_code == 302
    page = html(desk.get(address_of(order)))
    assert "accepted “My Proof of address” for Proof of address without anyone having opened it" in page


def test_what_someone_has_opened_is_accepted_at_once(do, desk, in_review, bob):
    order, address, _ = in_review
    look(address, staff_actor(bob))
    assert accept_forms(html(desk.get(address_of(order)))) == (True, False)
    assert do("accept", submission=address.pk).status_code == 302


def test_what_is_being_opened_without_scripts_is_accepted_at_once(desk, in_review):
    order, address, _ = in_review
    assert accept_forms(html(desk.get(address_of(order), {"view": address.pk})))[0]


def test_approve_is_refused_with_the_reason_when_forced(do):
    page = html(do("approve"), 409)
    assert "Not accepted yet: Proof of address, Company register." in page


def test_a_common_reason_and_own_words_become_one(do, in_review):
    _, address, _ = in_review
    common = "The document cannot be read. Please upload a sharper scan or photo."
    assert do("reject-document", submission=address.pk, common=common, reason="Page 2 is black.").status_code == 302
    address.refresh_from_db()
    assert (address.verdict, address.reason) == ("rejected", f"{common} Page 2 is black.")


def test_an_invalid_form_keeps_what_was_typed(do, in_review):
    _, address, _ = in_review
    page = html(do("reject-document", submission=address.pk, reason=""), 422)
    assert "Enter a reason: the customer reads it and has to act on it." in page
    page = html(do("reject", reason="r" * 501), 422)
    assert "r" * 501 in page
    page = html(do("ask", text="Please send the lease.", title="Lease"), 422)
    assert "Please send the lease." in page
    assert 'value="Lease"' in page
    assert "Choose which types are accepted." in page
    assert page.count(" open>") == 1


def test_an_outdated_page_changes_nothing_and_shows_what_happened(do, desk, in_review, bob):
    order, address, register = in_review
    seen = str(order_version.current_version(order.pk))
    verdicts.accept(unopened=True, submission=address, by=staff_actor(bob), now=timezone.now())
    page = html(do("reject-document", seen=seen, submission=register.pk, reason="It is blurred."), 409)
    assert "Nothing was changed because the page was out of date. Bob Brown accepted “My Proof of address”" in page
    assert "It is blurred." in page
    assert Submission.objects.get(pk=register.pk).verdict == "pending"
    fresh = str(order_version.current_version(order.pk))
    assert f'name="seen" value="{fresh}"' in page  # the second try knows
    assert do("reject-document", submission=register.pk, reason="It is blurred.").status_code == 302


@pytest.mark.parametrize("action", ["accept", "reject-document", "ask", "approve", "reject"])
def test_a_decision_without_a_version_is_refused(do, in_review, action):
    order, address, _ = in_review
    for seen in ("", "x"):
        page = html(do(action, seen=seen, submission=address.pk, reason="x", text="x"), 409)
        assert "the page was out of date" in page
    assert Order.objects.get(pk=order.pk).status == "in_review"


def test_the_second_of_two_decisions_sees_what_happened_by_whom(do, in_review, bob):
    order, *_ = in_review
    seen = str(order_version.current_version(order.pk))
    assert do("reject", seen=seen, reason="No.", client=browser_of(bob)).status_code == 302
    for action in ("approve", "reject"):
        page = html(do(action, seen=seen, reason="Also no."), 409)
        assert "Bob Brown rejected this order on" in page
    assert "Approve and activate" not in page
