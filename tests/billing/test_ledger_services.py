"""The ledger's services: balances, idempotency, and its refusals."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from billing.ledger import queries, services
from billing.ledger.models import Account, AccountKind, Transfer
from portal.core.errors import DomainError
from tests.support.projects import fund, make_project
from tests.support.refusals import refusal, refused

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def starting_credit():
    return "10"


def spend(project, amount, *, key="setup:1", kind="number_setup", credit="revenue_setup", debit="wallet"):
    return services.post(
        key=key, kind=kind, project_id=project.pk, debit=debit, credit=credit, amount=amount,
        occurred_at=NOW, memo="Setup of +1 212 555 0100", cause=("lease", 1),
    )  # fmt: skip


def test_a_project_without_accounts_has_nothing():
    project = make_project()
    assert queries.balance(project.pk) == queries.held(project.pk) == 0
    assert not Account.objects.filter(project=project).exists()


def test_accounts_are_made_once_and_the_wallet_has_the_lowest_id():
    project = make_project()
    accounts = services.ensure_accounts(project.pk)
    assert set(accounts) == set(AccountKind.values)
    assert min(accounts.values()) == accounts["wallet"]
    assert services.ensure_accounts(project.pk) == accounts


def test_existing_accounts_cost_one_query(django_assert_num_queries):
    project = make_project()
    services.ensure_accounts(project.pk)
    with django_assert_num_queries(1):
        services.ensure_accounts(project.pk)


def test_a_transfer_moves_the_amount_between_two_accounts(project):
    assert spend(project, Decimal("1.25")) is True
    assert queries.balances(project.pk) == {
        "wallet": Decimal("8.75"), "held": 0, "gateway": 0, "revenue_setup": Decimal("1.25"),
        "revenue_monthly": 0, "revenue_usage": 0, "goodwill": Decimal("-10"),
    }  # fmt: skip


def test_a_transfer_is_three_statements(project, django_assert_num_queries):
    with django_assert_num_queries(3):  # savepoint, insert, release
        spend(project, Decimal("1"))


def test_the_same_key_books_once(project):
    assert [spend(project, Decimal("1")) for _ in range(3)] == [True, False, False]
    assert queries.balance(project.pk) == 9


@pytest.mark.parametrize("change", [{"amount": Decimal("2")}, {"kind": "number_monthly", "credit": "revenue_monthly"}])
def test_a_key_that_means_something_else_is_refused(project, change):
    spend(project, Decimal("1"))
    refused("key_reused", spend, project, **({"amount": Decimal("1")} | change))
    assert queries.balance(project.pk) == 9


def test_a_key_of_another_project_is_refused():
    first, second = make_project(), make_project()
    fund(first, "10")
    fund(second, "10")
    spend(first, Decimal("1"))
    with pytest.raises(DomainError, match="different transfer"):
        spend(second, Decimal("1"))


def test_too_little_credit_is_refused_with_what_is_missing():
    project = make_project(credit="3.50")
    error = refusal(spend, project, Decimal("5"))
    assert (error.code, error.status) == ("insufficient_credit", 402)
    assert error.extra["missing"] == Decimal("1.50")
    assert queries.balance(project.pk) == Decimal("3.50")  # and the transaction goes on
    assert Transfer.objects.filter(kind="number_setup").count() == 0


def test_too_little_credit_in_a_project_without_accounts():
    error = refusal(spend, make_project(), Decimal("5"))
    assert error.extra["missing"] == 5


def test_usage_and_reversals_may_overdraw():
    project = make_project(credit="1")
    spend(project, Decimal("3"), kind="usage", credit="revenue_usage")
    assert queries.balance(project.pk) == -2
    spend(project, Decimal("3"), key="reversal:1", kind="reversal", credit="gateway")
    assert queries.balance(project.pk) == -5


def test_hold_release_and_capture(project):
    common = {"project_id": project.pk, "occurred_at": NOW, "memo": "Order of +49 30 55501", "cause": ("order", 7)}
    assert services.hold(key="hold:7", amount=Decimal("6"), **common)
    assert (queries.balance(project.pk), queries.held(project.pk)) == (4, 6)
    assert services.capture(key="capture:7:setup", revenue="revenue_setup", amount=Decimal("2"), **common)
    assert services.release(key="release:7", amount=Decimal("4"), **common)
    assert (queries.balance(project.pk), queries.held(project.pk)) == (8, 0)
    refused(
        "insufficient_hold",
        services.capture,
        key="capture:7:again",
        revenue="revenue_setup",
        amount=Decimal("1"),
        **common,
    )


def test_a_float_is_not_an_amount(project):
    with pytest.raises(TypeError):
        spend(project, 1.1)


def test_amounts_have_six_places_rounded_half_up(project):
    spend(project, Decimal("0.0000015"), kind="usage", credit="revenue_usage")
    assert queries.balance(project.pk) == Decimal("9.999998")
