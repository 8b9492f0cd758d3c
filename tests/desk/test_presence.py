"""Two people on one order see each other, and what the other one does."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from numbers.desk import order_version, presence
from numbers.desk.review import verdicts
from tests.desk.conftest import LATER
from tests.ops import outages
from tests.support.people import browser_of, staff_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def beat(in_review):
    order, *_ = in_review
    return lambda client, **sent: client.post(reverse("admin:desk_beat", args=[order.pk]), sent)


def page_of(order):
    return reverse("admin:numbers_order_change", args=[order.pk])


def test_two_see_each_other(desk, bob, beat, provisioner):
    his = browser_of(bob)
    assert beat(desk).json()["others"] == []
    assert beat(his).json()["others"] == ["Rita Reviewer"]
    assert beat(desk).json()["others"] == ["Bob Brown"]


def test_without_scripts_the_page_itself_says_so(desk, bob, in_review):
    order, *_ = in_review
    browser_of(bob).get(page_of(order))
    assert "Bob Brown is looking at this order." in desk.get(page_of(order)).content.decode()


def test_who_leaves_is_gone(desk, bob, beat):
    his = browser_of(bob)
    beat(his)
    assert beat(his, leaving="1").status_code == 204
    assert beat(desk).json()["others"] == []


def test_a_beat_lasts_for_seconds(desk, bob, beat, in_review):
    order, *_ = in_review
    beat(browser_of(bob))
    left = cache._cache.get_client().ttl(cache.make_key(f"desk:here:{order.pk}:{bob.pk}"))
    assert presence.BEAT_SECONDS * 2 < left <= presence.STAYS_SECONDS


def test_other_orders_and_people_who_only_look_do_not_count(desk, bob, beat, in_review, order_of, project):
    from tests.desk.conftest import reviewer

    order, *_ = in_review
    other = order_of(project, "+493055500200")
    browser_of(bob).post(reverse("admin:desk_beat", args=[other.pk]))
    browser_of(reviewer("Bill", team="Billing")).get(page_of(order))
    assert beat(desk).json()["others"] == []


def test_what_changed_since_the_page_was_loaded(desk, bob, beat, in_review):
    order, address, _ = in_review
    seen = str(order_version.current_version(order.pk))
    assert beat(desk, seen=seen).json()["changes"] == []
    verdicts.accept(unopened=True, submission=address, by=staff_actor(bob), now=LATER)
    assert beat(desk, seen=seen).json()["changes"] == ["Bob Brown accepted “My Proof of address” at 10 Mar, 11:00 UTC."]


def test_what_one_did_oneself_is_no_news(desk, by, beat, in_review):
    order, address, _ = in_review
    seen = str(order_version.current_version(order.pk))
    verdicts.reject(submission=address, reason="No.", by=by, now=LATER)
    assert beat(desk, seen=seen).json() == {"others": [], "changes": []}


@pytest.mark.parametrize("seen", ["", "x", "\x00", "in_review" + ".1" * 900])
def test_marks_that_make_no_sense(desk, beat, seen):
    assert beat(desk, seen=seen).json()["changes"] == []


def test_without_the_cache_the_desk_works_on(desk, in_review, settings):
    order, *_ = in_review
    outages.lose_cache(settings)
    presence.arrive(order.pk, order.project.created_by)
    presence.leave(order.pk, order.project.created_by)
    assert presence.others(order.pk, order.project.created_by, [order.project.created_by]) == []
