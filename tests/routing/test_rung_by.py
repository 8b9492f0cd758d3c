"""The page of an app user names the numbers that ring it; who deactivates it hears how many they are."""

import pytest
from django.urls import reverse
from django.utils import timezone

from numbers.routing import services
from projects.actor import SYSTEM
from projects.app_users import rung_by
from tests.support.app_users import add_app_user
from tests.support.leases import make_lease
from tests.support.pages import html, text
from tests.support.queries import query_count

pytestmark = pytest.mark.django_db


def now():
    return {"by": SYSTEM, "now": timezone.now()}


@pytest.fixture
def anna(project):
    return add_app_user(project, "anna").app_user


def ring(project, e164, *usernames):
    lease = make_lease(e164, project)
    for username in usernames:
        services.add_user(lease=lease, username=username, **now())
    return lease


def page(project, app_user, name="app_user"):
    return reverse(f"projects:{name}", args=[project.pid, app_user.pk])


def test_only_numbers_that_forward_to_the_user_now(customer, project, anna):
    add_app_user(project, "ben")
    second, first = ring(project, "+12125550102", "ben", "anna"), ring(project, "+12125550101", "anna")
    ring(project, "+12125550103", "ben")
    services.set_pstn(lease=ring(project, "+12125550104", "anna"), target="+442079460018", **now())
    services.remove_user(lease=ring(project, "+12125550105", "anna", "ben"), user_id=anna.pk, **now())
    make_lease("+12125550106", project)
    shown = rung_by.rung_by(anna)
    assert [e164 for e164, _ in shown.numbers] == [first.number.e164, second.number.e164]
    words = html(customer.get(page(project, anna)))
    for lease in (first, second):
        assert reverse("numbers:lease", args=[project.pid, lease.pk]) in words
    assert "+1 212-555-0103" not in words


def test_nobody_rings_it(customer, project, anna):
    assert "No number forwards calls to this app user." in text(customer.get(page(project, anna)))
    assert "forward" not in text(customer.get(page(project, anna, "app_user_deactivate")))


def test_there_are_many(customer, project, anna):
    first = ring(project, "+12125550100", "anna")
    customer.get("/projects/")
    few = query_count(customer, page(project, anna))
    assert few <= 10
    assert "One number forwards calls to anna" in text(customer.get(page(project, anna, "app_user_deactivate")))
    for n in range(1, 27):
        ring(project, f"+121255501{n:02}", "anna")
    words = text(customer.get(page(project, anna)))
    assert "+1 212-555-0100" in words
    assert "and 2 more numbers" in words
    assert query_count(customer, page(project, anna)) == few
    assert "27 numbers forward calls to anna" in text(customer.get(page(project, anna, "app_user_deactivate")))
    assert rung_by.rung_by(anna).numbers[0] == ("+12125550100", reverse("numbers:lease", args=[project.pid, first.pk]))
