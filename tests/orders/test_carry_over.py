"""What was accepted for earlier orders counts for the next."""

from datetime import timedelta

import pytest

from numbers.compliance import completeness, requirements, submissions
from numbers.models import Order, Regulation, Submission
from numbers.orders.lifecycle import transition
from tests.orders.conftest import NOW
from tests.orders.test_requirements import TODAY, required
from tests.support.documents import make_document
from tests.support.inventory import make_number
from tests.support.projects import make_project
from tests.support.purchases import status_of
from tests.support.refusals import refusal
from tests.support.regulations import make_regulation


def accept(order, document, title=None):
    """A reviewer accepted ``document`` for the order's line; the order itself stays."""
    requirement = order.requirements.get(title=title) if title else order.requirements.get()
    submissions.create_submissions(document, [requirement])
    Submission.objects.filter(requirement=requirement, document=document).update(verdict="accepted", decided_at=NOW)


PLACES = {
    "the same city": ("DE", "Berlin", "Berlin"),
    "the same area": ("DE", "Berlin", "Spandau"),
    "the same country": ("DE", "Bavaria", "Munich"),
    "another country": ("FR", "Paris", "Paris"),
}


SCOPES = ["none", "any", "country", "area", "city"]


# For which scope asked now an acceptance for ``then`` in that place counts.
COUNTS = {
    ("the same city", "city"): {"none", "any", "country", "area", "city"},
    ("the same city", "area"): {"none", "any", "country", "area"},
    ("the same city", "country"): {"none", "any", "country"},
    ("the same city", "any"): {"none", "any"},
    ("the same city", "none"): {"none"},
    ("the same area", "city"): {"none", "any", "country", "area"},
    ("the same area", "area"): {"none", "any", "country", "area"},
    ("the same country", "city"): {"none", "any", "country"},
    ("the same country", "area"): {"none", "any", "country"},
    ("the same country", "country"): {"none", "any", "country"},
    ("another country", "city"): {"none", "any"},
    ("another country", "country"): {"none", "any"},
    ("another country", "any"): {"none", "any"},
    ("another country", "none"): {"none"},
}


@pytest.mark.parametrize(("place", "then"), COUNTS)
def test_what_was_accepted_counts_as_far_as_it_proves_the_address(project, order_of, berlin, place, then):
    country, region, city = PLACES[place]
    make_regulation(country, number_type="tollfree", lines=[{"types": ["utility_bill"], "address_scope": then}])
    earlier = order_of(berlin(country=country, region=region, city=city, type="tollfree"))
    accept(earlier, make_document(project, "utility_bill"))
    lines = [{"types": ["utility_bill"], "title": scope, "address_scope": scope} for scope in SCOPES]
    make_regulation("DE", number_type="did", lines=lines)
    order = order_of(berlin())
    assert {title for title, _, missing in required(order) if not missing} == COUNTS[place, then]
    carried = Submission.objects.filter(requirement__order=order)
    assert all(each.carried_over and each.decided_at == NOW for each in carried)


@pytest.mark.parametrize("scope", ["area", "city"])
def test_two_places_that_nobody_knows_are_not_the_same_place(project, order_of, berlin, scope):
    make_regulation("DE", lines=[{"types": ["utility_bill"], "address_scope": scope}])
    nowhere = {"region": "", "city": ""}
    accept(order_of(berlin(**nowhere)), make_document(project, "utility_bill"))
    assert order_of(berlin(**nowhere)).status == "ordered"


def test_a_city_in_a_country_without_regions_is_known(project, order_of, berlin):
    make_regulation("DE", lines=[{"types": ["utility_bill"], "address_scope": "city"}])
    accept(order_of(berlin(region="")), make_document(project, "utility_bill"))
    assert order_of(berlin(region="")).status == "in_review"


def test_what_was_accepted_of_a_business_says_nothing_of_an_individual(project, order_of, berlin):
    for holder in ("business", "individual"):
        make_regulation("DE", holder, lines=["utility_bill"])
    accept(order_of(berlin(), holder="business"), make_document(project, "utility_bill"))
    assert order_of(berlin(), holder="individual").status == "ordered"
    assert order_of(berlin(), holder="business").status == "in_review"


def test_everything_approved_before_sends_an_order_to_review_at_once(project, order_of, berlin):
    make_regulation("DE", lines=[{"types": ["utility_bill", "bank_statement"], "count": 2}])
    first = order_of(berlin())
    accept(first, make_document(project, "utility_bill"))
    second = order_of(berlin())
    assert (second.status, required(second)) == ("ordered", [("Utility bill", 2, 1)])
    accept(first, make_document(project, "bank_statement"))
    accept(first, make_document(project, "bank_statement"))
    third = order_of(berlin())
    assert (third.status, third.submitted_at) == ("in_review", NOW)
    assert Submission.objects.filter(requirement__order=third).count() == 2  # no more than asked for


@pytest.mark.parametrize(
    "spoil",
    [
        {"expires_on": TODAY - timedelta(days=1)},
        {"withdrawn_at": NOW},
        {"purged_at": NOW},
        {"other": True},
        {"type": "passport"},
    ],
)
def test_what_is_no_longer_good_or_not_theirs_does_not_count(project, by, order_of, berlin, spoil):
    make_regulation("DE", lines=["utility_bill"])
    owner = project
    if spoil.pop("other", False):
        owner = make_project(project.created_by, credit=10)
    kind = spoil.pop("type", "utility_bill")
    document = make_document(owner, kind)
    accept(order_of(berlin(), project=owner), document)
    type(document).objects.filter(pk=document.pk).update(**spoil)
    assert order_of(berlin()).status == "ordered"


@pytest.mark.parametrize(
    "spoil",
    [
        {"expires_on": TODAY - timedelta(days=1)},
        {"withdrawn_at": NOW},
        {"purged_at": NOW},
    ],
)
def test_a_newer_one_that_is_no_longer_good_does_not_take_its_place(project, order_of, berlin, spoil):
    make_regulation("DE", lines=["utility_bill"])
    good, bad = (make_document(project, "utility_bill") for _ in range(2))
    earlier = order_of(berlin())
    for document in (good, bad):
        accept(earlier, document)
    type(bad).objects.filter(pk=bad.pk).update(**spoil)
    order = order_of(berlin())
    assert order.status == "in_review"
    assert Submission.objects.get(requirement__order=order).document == good


def test_a_document_is_good_on_its_last_day(project, order_of, berlin):
    make_regulation("DE", lines=["utility_bill"])
    accept(order_of(berlin()), make_document(project, "utility_bill", expires_on=TODAY))
    assert order_of(berlin()).status == "in_review"


@pytest.mark.parametrize("verdict", ["pending", "rejected"])
def test_only_what_a_reviewer_accepted_counts(project, order_of, berlin, verdict):
    make_regulation("DE", lines=["utility_bill"])
    order = order_of(berlin())
    submissions.create_submissions(make_document(project, "utility_bill"), order.requirements.all())
    Submission.objects.update(verdict=verdict, reason="Blurred.")
    assert order_of(berlin()).status == "ordered"


# -- settle -----------------------------------------------------------------------------------------------------


def test_the_last_missing_document_sends_it_to_review_and_a_rejection_back(project, order_of, berlin):
    make_regulation("DE", lines=["passport", "utility_bill"])
    order = order_of(berlin())
    later, latest = NOW + timedelta(days=1), NOW + timedelta(days=2)
    passport, bill = (make_document(project, code) for code in ("passport", "utility_bill"))
    submissions.create_submissions(passport, [order.requirements.get(title="Passport")])
    completeness.update_completeness(order, now=later)
    assert (status_of(order), order.submitted_at) == ("ordered", None)
    submissions.create_submissions(bill, [order.requirements.get(title="Utility bill")])
    completeness.update_completeness(order, now=later)
    assert (status_of(order), order.submitted_at) == ("in_review", later)
    completeness.update_completeness(order, now=latest)
    assert order.submitted_at == later  # its place in the queue stays
    Submission.objects.filter(document=bill).update(verdict="rejected", reason="Blurred.")
    completeness.update_completeness(order, now=latest)
    assert (status_of(order), order.submitted_at) == ("documents_requested", None)
    submissions.create_submissions(
        make_document(project, "utility_bill"), [order.requirements.get(title="Utility bill")]
    )
    completeness.update_completeness(order, now=latest)
    assert (status_of(order), order.submitted_at) == ("in_review", latest)


def test_a_document_that_expires_in_the_queue_is_missing_again(project, order_of, berlin):
    make_regulation("DE", lines=["passport"])
    order = order_of(berlin())
    submissions.create_submissions(make_document(project, "passport", expires_on=TODAY), order.requirements.all())
    completeness.update_completeness(order, now=NOW)
    assert status_of(order) == "in_review"
    completeness.update_completeness(order, now=NOW + timedelta(days=1))
    assert status_of(order) == "documents_requested"


@pytest.mark.parametrize(("days", "left"), [(1, 29), (28, 15)])
def test_whose_documents_are_requested_late_gets_half_of_an_orders_time(project, order_of, berlin, days, left):
    make_regulation("DE", lines=["passport"])
    order, day = order_of(berlin()), NOW + timedelta(days=days)
    submissions.create_submissions(
        make_document(project, "passport", expires_on=(day - timedelta(days=1)).date()), order.requirements.all()
    )
    completeness.update_completeness(order, now=NOW)
    completeness.update_completeness(order, now=day)
    order.refresh_from_db()
    assert (order.status, order.expires_at) == ("documents_requested", day + timedelta(days=left))


@pytest.mark.parametrize("end", ["rejected", "cancelled", "approved"])
def test_an_order_that_is_decided_does_not_move(spoiled, project, order_of, berlin, end):
    order = order_of(berlin())
    transition(order, end, now=NOW)
    make_regulation("DE", lines=["passport"])
    requirements.copy_requirements(order, on=TODAY)
    completeness.update_completeness(order, now=NOW)
    assert status_of(order) == end


def test_a_holder_that_is_none_is_refused(project, order_of, berlin):
    for holder in ("", "nonsense", "Business", 0):
        error = refusal(order_of, berlin(), holder=holder)
        assert (error.code, error.field) == ("holder_invalid", "holder")
    assert not Order.objects.exists()
    assert Regulation.objects.count() == 0


def test_numbers_are_not_mixed_up(project, order_of, berlin):
    """Toll-free and geographic numbers of one country are asked different things."""
    make_regulation("US", number_type="tollfree", lines=["registration"])
    assert required(order_of(make_number("+18005550100", type="tollfree", docs_required=True))) == [
        ("Registration", 1, 1)
    ]
    assert required(order_of(make_number(docs_required=True, setup_price=0, monthly_price=0))) == []
