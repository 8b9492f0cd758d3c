"""The badge of a status."""

from datetime import date

import pytest

from numbers.models import Lease, Order
from portal.templatetags import status


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


def test_a_label_is_text():
    assert status.document_status("replaced", "<b>") == '<span class="badge bg-secondary-lt">&lt;b&gt;</span>'
