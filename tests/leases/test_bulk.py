"""One act on many numbers: each with its own result, none half done."""

import pytest
from django.utils import timezone

from numbers.leases import services
from projects.actor import SYSTEM
from tests.leases.bulk import HTMX, act, results, url
from tests.leases.data import release
from tests.support.leases import fresh
from tests.support.pages import text

pytestmark = pytest.mark.django_db


# -- tags and lock ----------------------------------------------------------------------------------------------


def test_tag_many_with_a_result_for_each(customer, project, leases):
    services.set_tags(lease=leases[1], tags=["vip"], by=SYSTEM, now=timezone.now())
    services.set_tags(lease=leases[2], tags=[str(n) for n in range(10)], by=SYSTEM, now=timezone.now())
    release(leases[3], timezone.now())
    page = act(customer, project, "tag", leases, tag=" VIP ")
    assert results(page) == [
        ("done", "+1 212-555-0100"),
        ("done", "+1 212-555-0101"),
        ("too_many_tags", "+1 212-555-0102"),
        ("lease_ended", "+1 212-555-0103"),
    ]
    for words in (
        "Add the tag “vip”",
        "2 of 4 done",
        "Tagged.",
        "Already had this tag.",
        "at most 10 tags",
        "has already been released",
    ):
        assert words in text(page)
    assert [fresh(lease).tags for lease in leases[:2]] == [["vip"], ["vip"]]
    page = act(customer, project, "untag", leases[:3], tag="vip")
    assert "3 of 3 done" in text(page)
    assert "Did not have this tag." in text(page)
    assert fresh(leases[0]).tags == []


def test_lock_many(customer, project, leases):
    release(leases[1], timezone.now(), at_period_end=True)
    page = act(customer, project, "lock", leases)
    assert [result for result, _ in results(page)] == ["done", "release_scheduled", "done", "done"]
    assert [fresh(lease).locked for lease in leases] == [True, False, True, True]


def test_in_a_dialog_the_list_behind_it_looks_again(customer, project, leases):
    page = act(customer, project, "tag", leases, tag="a", headers=HTMX)
    assert page.headers["HX-Trigger"] == "numbers:changed"
    assert "<html" not in page.content.decode()
    assert len(results(page)) == 4


def test_the_result_leads_back_to_the_filtered_list(customer, project, leases):
    page = act(customer, project, "tag", leases, tag="a", filters="status=active&q=212&evil=%22%3E&country=XX")
    assert f'href="{url(project, "purchased")}?q=212&amp;status=active"' in page.content.decode()
    assert "evil" not in page.content.decode()
