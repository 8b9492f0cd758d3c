"""Tags: what one looks like, and what changes them."""

import pytest
from django.urls import reverse

from numbers.leases import queries, services
from numbers.leases.tags import clean_tag, clean_tags
from portal.core.errors import DomainError
from projects.actor import SYSTEM
from projects.models import AuditEntry, Project
from tests.leases.data import NOW, buy, release
from tests.support.leases import fresh
from tests.support.pages import text
from tests.support.projects import make_project
from tests.support.refusals import refusal, refused

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Support", "support"),
        ("  VIP   line ", "vip line"),
        ("24/7", "24/7"),
        ("münchen", "münchen"),
        ("MU\u0308NCHEN", "münchen"),
        ("=1+1", "=1+1"),
        ("x" * 32, "x" * 32),
        ("日本", "日本"),
        ("<b>", "<b>"),
    ],
)
def test_a_tag_is_stored_in_one_spelling(typed, stored):
    assert clean_tag(typed) == stored
    assert clean_tag(stored) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "a,b",
        "a\x00b",
        "a\nb",
        "a\tb",
        "a\u202eb",
        "a\u200bb",
        "a\u00a0b",
        "a\ud800",
        "a\u2028b",
        "x" * 33,
        "İ" * 17,
    ],
)
def test_what_is_no_tag(typed):
    error = refusal(clean_tag, typed)
    assert (error.code, error.status, error.field) == ("tag_invalid", 422, "tags")


def test_each_tag_once_in_the_order_given_ten_at_most():
    assert clean_tags(["b", "A", " a ", "", "B"]) == ["b", "a"]
    assert len(clean_tags(str(n) for n in range(10))) == 10
    with pytest.raises(DomainError, match="at most 10"):
        clean_tags(str(n) for n in range(11))


def test_set_add_and_remove(lease):
    services.set_tags(lease=lease, tags=["Sales", "berlin"], by=SYSTEM, now=NOW)
    assert services.add_tag(lease=lease, tag="VIP", by=SYSTEM, now=NOW)
    assert not services.add_tag(lease=lease, tag="vip", by=SYSTEM, now=NOW)
    assert services.remove_tag(lease=lease, tag="SALES", by=SYSTEM, now=NOW)
    assert not services.remove_tag(lease=lease, tag="sales", by=SYSTEM, now=NOW)
    services.set_tags(lease=lease, tags=["berlin", "vip"], by=SYSTEM, now=NOW)
    assert fresh(lease).tags == ["berlin", "vip"]
    entries = AuditEntry.objects.filter(action="number.tagged").order_by("id")
    assert [entry.data["after"] for entry in entries] == [
        ["sales", "berlin"],
        ["sales", "berlin", "vip"],
        ["berlin", "vip"],
    ]


def test_an_eleventh_tag_is_refused(lease):
    services.set_tags(lease=lease, tags=[str(n) for n in range(10)], by=SYSTEM, now=NOW)
    refused("too_many_tags", services.add_tag, lease=lease, tag="one more", by=SYSTEM, now=NOW)


@pytest.mark.parametrize("act", [services.add_tag, services.remove_tag])
def test_neither_a_released_number_nor_an_archived_project_is_tagged(lease, act):
    Project.objects.update(status="archived")
    refused("project_archived", act, lease=lease, tag="x", by=SYSTEM, now=NOW)
    Project.objects.update(status="active")
    release(lease)
    refused("lease_ended", act, lease=lease, tag="x", by=SYSTEM, now=NOW)


def test_suggestions_are_the_tags_of_this_project(project, lease):
    services.set_tags(lease=lease, tags=["b", "a"], by=SYSTEM, now=NOW)
    services.set_tags(lease=buy(project), tags=["b", "c"], by=SYSTEM, now=NOW)
    other = buy(make_project(), setup_price=0, monthly_price=0)
    services.set_tags(lease=other, tags=["secret"], by=SYSTEM, now=NOW)
    assert list(queries.used_tags(project)) == ["a", "b", "c"]


# -- on the page of a number ------------------------------------------------------------------------------------


def save(customer, project, lease, tags, **extra):
    return customer.post(reverse("numbers:retag", args=[project.pid, lease.pk]), {"tags": tags}, **extra)


def test_tags_are_edited_on_the_page(customer, project, lease):
    services.set_tags(lease=buy(project), tags=["known"], by=SYSTEM, now=NOW)
    page = save(customer, project, lease, " Support, berlin ,, BERLIN", follow=True)
    assert "The tags were saved." in text(page)
    assert fresh(lease).tags == ["support", "berlin"]
    html = page.content.decode()
    assert 'value="support, berlin"' in html
    assert 'data-add-tag="known"' in html
    assert 'data-add-tag="berlin"' not in html
    assert "The number has no tags now." in text(save(customer, project, lease, "", follow=True))


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ("x" * 33, "at most 32 characters"),
        ("a\x00b", "Null characters"),
        ("a\u202eb", "no control characters"),
        (", ".join(str(n) for n in range(11)), "at most 10 tags"),
        ("x" * 5000, "at most 10 tags of 32"),
    ],
)
def test_a_bad_tag_is_said_beside_the_field_and_kept(customer, project, lease, tags, words):
    page = save(customer, project, lease, tags)
    assert page.status_code == 422
    assert words in text(page)
    assert 'aria-invalid="true"' in page.content.decode()
    assert fresh(lease).tags == []


def test_a_tag_is_text_and_no_markup(customer, project, lease):
    services.set_tags(lease=lease, tags=["<script>alert(1)</script>", "a&b=c"], by=SYSTEM, now=NOW)
    for name, args in (("numbers:lease", [project.pid, lease.pk]), ("numbers:purchased", [project.pid])):
        url = reverse(name, args=args)
        html = customer.get(url).content.decode()
        assert "<script>alert" not in html
        assert "&lt;script&gt;" in html
    page = customer.get(reverse("numbers:purchased", args=[project.pid]), {"tag": "a&b=c"})
    assert "+1 212-555-0101" in text(page)
    assert "?tag=a%26b%3Dc" in page.content.decode()
