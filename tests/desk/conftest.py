"""An order of a German number with two requirements, a customer, and two reviewers."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from numbers.compliance import completeness, submissions
from numbers.documents import storage
from numbers.models import Order
from projects import audit
from tests.desk.order_page import do  # noqa: F401
from tests.support.documents import make_document
from tests.support.files import pdf, png
from tests.support.inventory import BERLIN, make_number
from tests.support.people import actor, make_staff, make_user, staff_actor
from tests.support.projects import make_project
from tests.support.purchases import order_number
from tests.support.regulations import make_regulation

NOW = datetime(2027, 3, 10, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)
LINES = [
    {"types": ["utility_bill", "bank_statement"], "title": "Proof of address", "address_scope": "city"},
    {"types": ["register_extract"], "title": "Company register"},
]


def reviewer(name="Rita Reviewer", team="Provisioning", **extra):
    return make_staff(team, full_name=name, **extra)


def look(submission, by):
    """As :mod:`numbers.desk.document_views` records an opening."""
    order, document = submission.requirement.order, submission.document
    audit.record(
        project_id=order.project_id,
        by=by,
        action="document.viewed",
        subject=document.name,
        order=str(order.ref),
        document=str(document.ref),
        how="preview",
    )


@pytest.fixture
def owner(db):
    return make_user(full_name="Olga Owner", company="Harbour Lights Ltd")


@pytest.fixture
def project(owner):
    return make_project(owner, name="Harbour Voice", credit="50.00")


@pytest.fixture
def regulation(db):
    return make_regulation("DE", lines=LINES)


@pytest.fixture
def order_of(regulation):
    """Places an order for a project; the numbers go up."""

    def place(project, e164="+493055500100", now=NOW, **extra):
        make_number(
            e164,
            **BERLIN,
            docs_required=True,
            setup_price=Decimal("3.00"),
            monthly_price=Decimal("4.00"),
            **extra,
        )
        return order_number(project, e164, by=actor(project.created_by), now=now)

    return place


@pytest.fixture
def order(project, order_of):
    return order_of(project)


@pytest.fixture
def submit():
    """Submits a document for a requirement of an order, as the upload does; with ``content`` there is a file."""

    def submit(order, title, now=NOW, content=None, **extra):
        requirement = order.requirements.get(title=title)
        if content is not None:
            stored = storage.write(content)
            extra |= {"storage_name": stored.name, "wrapped_key": stored.wrapped_key, "size": len(content)}
        document = make_document(order.project, requirement.document_types.first(), **{"name": f"My {title}"} | extra)
        submissions.create_submissions(document, [requirement])
        fresh = Order.objects.get(pk=order.pk)
        completeness.update_completeness(fresh, now=now)
        submission = requirement.submissions.get(document=document)
        type(submission).objects.filter(pk=submission.pk).update(created_at=now)
        order.refresh_from_db()
        return submission

    return submit


@pytest.fixture
def in_review(order, submit):
    """The order with documents submitted for both requirements: ``(order, address, register)``."""
    address = submit(order, "Proof of address", content=pdf(2), pages=2)
    register = submit(order, "Company register", content=png(size=(320, 240)), content_type="image/png")
    assert order.status == "in_review"
    return order, address, register


@pytest.fixture
def bob(db):
    return reviewer("Bob Brown")


@pytest.fixture
def by(provisioner):
    return staff_actor(provisioner)
