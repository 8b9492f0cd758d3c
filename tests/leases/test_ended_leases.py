"""What pages say about numbers ends with the lease, and never reaches into another project."""

from datetime import timedelta

import pytest

from numbers.console.purchased import export, listing
from numbers.leases import queries
from numbers.leases.services import rename_lease, set_tags
from numbers.models import Lease, Number
from numbers.routing.services import set_pstn
from projects.actor import SYSTEM
from tests.leases.data import NOW, buy, release, unpaid
from tests.support.leases import fresh
from tests.support.purchases import purchase_number

pytestmark = pytest.mark.django_db
LONDON = {"country": "GB", "region": "", "city": "London"}
AFTERWARDS = NOW + timedelta(days=60)


@pytest.fixture
def released(project):
    """A number with a tag, a name and a forwarding, released since."""
    lease = buy(project, "+442079460018", **LONDON)
    set_tags(lease=lease, tags=["sales"], by=SYSTEM, now=NOW)
    rename_lease(lease=lease, name="Front desk", by=SYSTEM, now=NOW)
    set_pstn(lease=lease, target="+442079460019", by=SYSTEM, now=NOW)
    release(lease)
    return fresh(lease)


def test_filters_list_what_is_leased_and_nothing_else(project, released):
    buy(project, "+12125550101")
    facets = listing.facets(project)
    assert (facets.countries, facets.tags, list(queries.used_tags(project))) == (["US"], [], [])


def test_a_released_number_leads_nowhere_in_the_file(project, released):
    ended = Lease.objects.select_related("number", "call_route").filter(pk=released.pk)
    header, row = export.rows(project.pk, ended)
    cells = dict(zip(header, row, strict=True))
    assert (cells["Calls go to"], cells["Kind"], cells["Next charge"]) == ("", "", "")
    assert (cells["Status"], cells["Released on"]) == ("Released", NOW.date())
    kept = buy(project, "+12125550101")
    set_pstn(lease=kept, target="+442079460019", by=SYSTEM, now=NOW)
    cells = dict(zip(header, list(export.rows(project.pk, listing.filtered(project)))[1], strict=True))
    assert (cells["Calls go to"], cells["Kind"]) == ("+442079460019", "PSTN")


def test_who_has_a_number_now_reads_nothing_of_who_had_it(project, released, other_project):
    Number.objects.update(status="available", available_from=None)
    bought = purchase_number(other_project, "+442079460018", now=AFTERWARDS)
    assert [entry.action for entry in queries.history(fresh(bought))] == ["number.purchased"]
    assert {entry.project for entry in queries.history(fresh(bought))} == {other_project}
    assert queries.history(released)[0].action == "number.released"
    assert listing.facets(other_project).tags == []


def test_past_due_and_suspended_numbers_are_both_unpaid(project):
    for n, status in enumerate(["past_due", "suspended"]):
        unpaid(buy(project, f"+1212555010{n}"), status)
    buy(project, "+12125550109")
    summary = listing.number_summary(project, AFTERWARDS)
    assert (summary.active, summary.unpaid.count) == (3, 2)
