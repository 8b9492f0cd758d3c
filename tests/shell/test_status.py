"""The badge of a status."""

import re
from datetime import date

import pytest
from django.template import Context, Template

from numbers.console.documents.document_list import State
from numbers.models import Lease, Order
from portal.templatetags import status
from projects.models import Project
from tests.architecture.layers import ROOT


@pytest.mark.parametrize(
    ("state", "colour", "on_the_desk"),
    [
        ("ordered", "yellow", "plain"),
        ("documents_requested", "yellow", "plain"),
        ("in_review", "blue", "calm"),
        ("approved", "green", "good"),
        ("active", "green", "good"),
        ("rejected", "red", "late"),
        ("expired", "red", "plain"),
        ("cancelled", "secondary", "plain"),
    ],
)
def test_of_an_order(state, colour, on_the_desk):
    order, label = Order(status=state), Order.Status(state).label
    assert status.status(order) == f'<span class="badge bg-{colour}-lt">{label}</span>'
    assert status.desk_status(order) == f'<span class="desk-tag desk-tag-{on_the_desk}">{label}</span>'


@pytest.mark.parametrize(
    ("state", "release_on", "colour", "label"),
    [
        ("active", None, "green", "Active"),
        ("active", date(2026, 12, 1), "yellow", "Ending"),
        ("past_due", None, "yellow", Lease.Status.PAST_DUE.label),
        ("suspended", date(2026, 12, 1), "red", "Ending"),
        ("released", None, "secondary", "Released"),
    ],
)
def test_of_a_lease(state, release_on, colour, label):
    lease = Lease(status=state, release_on=release_on)
    assert status.status(lease) == f'<span class="badge bg-{colour}-lt">{label}</span>'


@pytest.mark.parametrize(("state", "colour"), [("active", "green"), ("archived", "secondary"), ("suspended", "red")])
def test_of_a_project(state, colour):
    label = Project.Status(state).label
    assert status.status(Project(status=state)) == f'<span class="badge bg-{colour}-lt">{label}</span>'


def shown(text, **context):
    return Template(text).render(Context(context))


def test_of_what_follows_from_records():
    assert (
        shown('{% state "missing" %}2 of {{ n }}{% endstate %}', n=3)
        == '<span class="badge bg-yellow-lt">2 of 3</span>'
    )
    assert (
        shown("{% state name %}x{% endstate %}", name="never heard") == '<span class="badge bg-secondary-lt">x</span>'
    )
    assert shown('{% desk_state "late" %}x{% enddesk_state %}') == '<span class="desk-tag desk-tag-late">x</span>'


def test_a_label_is_text():
    badge = shown('{% state "replaced" %}{{ label }}{% endstate %}', label="<b>")
    assert badge == '<span class="badge bg-secondary-lt">&lt;b&gt;</span>'


TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# What wears the same dress and is no status.
NO_STATUS = {
    "numbers/guide_api/_call.html": "the method of a call, and where a parameter goes",
    "numbers/inventory/_results.html": "Docs Required, a column of the catalogue",
    "numbers/number/_capabilities.html": "capabilities",
    "numbers/orders/_number_card.html": "the type of a number",
    "numbers/purchased/purchased.html": "a count of filters",
    "projects/app_users/_import_rows.html": "how many rows of each result",
    "shell/_price_list.html": "capabilities, and what a type requires",
}


def test_no_template_writes_the_badge_of_a_status_by_hand():
    by_hand = re.compile(r"""class="(?:badge["\s]|[^"]*\bdesk-tag\b)""")
    found = {str(path.relative_to(ROOT / "templates")) for path in TEMPLATES if by_hand.search(path.read_text())}
    assert found == set(NO_STATUS)


def test_each_state_that_a_template_names_has_a_look():
    named = {
        (tag, name)
        for path in TEMPLATES
        for tag, name in re.findall(r'{% (state|desk_state) "(\w+)"', path.read_text())
    }
    assert len(named) > 20
    assert not {name for tag, name in named if name not in (status.STATES if tag == "state" else status.DESK_STATES)}
    assert {state.value for state in State} <= set(status.STATES), "documents in the project's list"
