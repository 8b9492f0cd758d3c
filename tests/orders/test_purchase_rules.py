"""Rules of buying and ordering that cost money, or give someone else's, when they are wrong."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from billing.ledger import queries as ledger
from numbers.compliance.submissions import submit_document
from numbers.console.orders.purchase_context import PurchaseQuote, quote
from numbers.models import Lease, Number, Order, OrderMessage
from numbers.orders import conversation, purchase_errors
from projects.actor import SYSTEM
from tests.support.documents import make_document
from tests.support.inventory import make_number
from tests.support.projects import charge_usage
from tests.support.purchases import order_number, purchase_number
from tests.support.refusals import refused
from tests.support.regulations import make_regulation

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 3, 31, 12, tzinfo=UTC)
FIRST, SECOND = "+12125550101", "+12125550102"


@pytest.fixture
def starting_credit():
    return "100"


def buy(project, e164=FIRST, **given):
    return purchase_number(project, e164, now=NOW, **given)


def order(project, e164=FIRST, **given):
    return order_number(project, e164, now=NOW, **given)


@pytest.mark.parametrize("seen", ["2.99", "3.01", "3.000001", "0", "300"])
@pytest.mark.parametrize(("act", "docs_required"), [(buy, False), (order, True)])
def test_another_price_than_was_seen_buys_nothing_be_it_more_or_less(act, docs_required, seen, project):
    make_number(FIRST, docs_required=docs_required)
    refused("price_changed", act, project, expected=seen)
    assert (Lease.objects.count(), Order.objects.count(), ledger.balance(project.pk)) == (0, 0, 100)
    assert Number.objects.get().status == "available"
    assert act(project, expected="3").setup_price == 1


@pytest.mark.parametrize(("act", "docs_required"), [(buy, False), (order, True)])
def test_a_key_is_its_projects_own(act, docs_required, project, other_project):
    make_number(FIRST, docs_required=docs_required)
    make_number(SECOND, docs_required=docs_required)
    ours = act(project, FIRST, key="key")
    assert "own" not in refused("number_taken", act, other_project, FIRST, key="key").extra
    theirs = act(other_project, SECOND, key="key")
    assert (act(project, FIRST, key="key").pk, act(other_project, SECOND, key="key").pk) == (ours.pk, theirs.pk)
    assert (ours.project_id, theirs.project_id) == (project.pk, other_project.pk)
    refused("purchase_key_reused", act, project, SECOND, key="key")


@pytest.mark.parametrize("status", Order.OPEN)
def test_what_the_project_has_ordered_is_its_own_until_the_order_ends(status, project, other_project):
    make_number(FIRST, docs_required=True)
    placed = order(project)
    Order.objects.filter(pk=placed.pk).update(status=status)
    assert refused("number_taken", order, project).extra == {"own": True}
    assert refused("number_taken", order, other_project).extra == {}


@pytest.mark.parametrize("status", Lease.LIVE)
def test_a_projects_number_is_its_own_also_while_unpaid(status, project, other_project):
    make_number(FIRST)
    lease = buy(project)
    unpaid = {} if status == "active" else {"past_due_since": NOW, "suspends_at": NOW, "releases_at": NOW}
    Lease.objects.filter(pk=lease.pk).update(status=status, **unpaid)
    assert refused("number_taken", buy, project).extra == {"own": True}
    assert refused("number_taken", buy, other_project).extra == {}


@pytest.mark.parametrize(("act", "docs_required"), [(buy, False), (order, True)])
def test_a_number_that_costs_nothing_can_be_had_below_zero(act, docs_required, project):
    """Usage has overdrawn the wallet; nothing is added to what is owed."""
    charge_usage(project, "150", at=NOW)
    make_number(FIRST, docs_required=docs_required, setup_price=0, monthly_price=0)
    make_number(SECOND, docs_required=docs_required, setup_price=0, monthly_price=Decimal("0.000001"))
    assert quote(project, FIRST, NOW).error is None
    assert act(project).pk
    assert refused("insufficient_credit", act, project, SECOND).extra["missing"] == Decimal("50.000001")


@pytest.mark.parametrize(("balance", "missing", "cents"), [
    ("2.999999", "0.000001", "0.01"), ("2.99", "0.01", "0.01"), ("2.249", "0.751", "0.76"), ("3", "0", "0"),
    ("-1", "4", "4"), ("7", "0", "0"),
])  # fmt: skip
def test_what_has_to_be_added_is_enough(balance, missing, cents):
    number = Number(setup_price=Decimal(1), monthly_price=Decimal(2))
    found = PurchaseQuote(number, Decimal(balance), NOW.date(), 1, None)
    assert (found.missing, found.missing_in_cents) == (Decimal(missing), Decimal(cents))


def test_days_of_the_month_in_words():
    number = Number(setup_price=Decimal(1), monthly_price=Decimal(2))
    words = [PurchaseQuote(number, Decimal(0), NOW.date(), day, None).ordinal_day for day in range(1, 32)]
    special = {1: "1st", 2: "2nd", 3: "3rd", 21: "21st", 22: "22nd", 23: "23rd", 31: "31st"}
    assert words == [special.get(day, f"{day}th") for day in range(1, 32)]


def test_prices_of_an_order_are_those_of_its_number(project):
    make_number(FIRST, docs_required=True, setup_price=5, monthly_price=8)
    placed = order(project)
    Number.objects.update(setup_price=50, monthly_price=80)
    placed.refresh_from_db()
    assert (placed.setup_price, placed.monthly_price, ledger.held(project.pk)) == (5, 8, 13)


class TestDocuments:
    @pytest.fixture
    def placed(self, project):
        make_regulation("US", lines=["passport"])
        make_number(FIRST, docs_required=True)
        return order(project)

    @pytest.mark.parametrize(
        ("spoiled", "words"),
        [
            ({"inspection": "pending"}, "still being checked"),
            ({"withdrawn_at": NOW}, "withdrawn"),
            ({"expires_on": NOW.date().replace(day=30)}, "expired"),
        ],
    )
    def test_a_document_that_is_not_good_is_not_submitted(self, spoiled, words, placed, project):
        document = make_document(project, "passport", **spoiled)
        requirement = placed.requirements.get()
        error = refused(
            "document_not_accepted",
            submit_document,
            order=placed,
            requirement=requirement,
            document=document,
            by=SYSTEM,
            now=NOW,
        )
        assert (words in error.message, error.field, requirement.submissions.count()) == (True, "document", 0)

    def test_a_document_is_good_until_the_end_of_its_day(self, placed, project):
        document = make_document(project, "passport", expires_on=NOW.date())
        submit_document(order=placed, requirement=placed.requirements.get(), document=document, by=SYSTEM, now=NOW)
        placed.refresh_from_db()
        assert placed.status == "in_review"

    def test_a_colleagues_note_in_between_is_none_of_the_conversation(self, placed):
        said = [conversation.answer(order=placed, text="Hello", by=SYSTEM, now=NOW)]
        OrderMessage.objects.create(order=placed, kind="note", text="Hello", created_at=NOW)
        said.append(conversation.answer(order=placed, text="Hello", by=SYSTEM, now=NOW))
        assert said[0] == said[1]
        assert OrderMessage.objects.filter(kind="answer").count() == 1


def test_a_refusal_leaves_no_trace_in_the_catalogue(project):
    assert purchase_errors.unknown(FIRST).status == 404
    refused("number_unknown", buy, project)
    refused("number_unknown", order, project)
    assert not Number.objects.exists()
