from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import transaction

from tests.factories import actor, fund, make_number, make_project, make_regulation, make_user

NOW = datetime(2027, 1, 31, 23, 30, tzinfo=UTC)


@pytest.fixture
def owner(db):
    return make_user()


@pytest.fixture
def project(owner):
    project = make_project(owner)
    fund(project, "10.00")
    return project


@pytest.fixture
def by(owner):
    return actor(owner)


@pytest.fixture
def number(db):
    return make_number("+12125550100", setup_price=Decimal("1.00"), monthly_price=Decimal("2.50"))


@pytest.fixture
def papers(db):
    """A number for which one document is asked."""
    make_regulation("GB", lines=["address_proof"])
    return make_number(
        "+442079460100",
        country="GB",
        region="",
        city="London",
        docs_required=True,
        setup_price=Decimal("3.00"),
        monthly_price=Decimal("4.00"),
    )


@pytest.fixture
def spoiled(db):
    """What the test breaks by hand is undone before the ledger's oracle looks."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
