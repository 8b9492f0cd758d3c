"""Regulations in the admin site: who may, what is shown, what is refused in words, and what the history keeps."""

import re
from datetime import date, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from numbers.models import Regulation, Requirement
from tests.regulations.admin_site import ADD, LIST, TYPES, filled, line, page
from tests.support.crowd import at_once
from tests.support.pages import text
from tests.support.people import browser_of, make_user, staff_client
from tests.support.projects import make_project
from tests.support.regulations import make_document_type, make_regulation

# -- who may ----------------------------------------------------------------------------------------------------


def test_provisioning_keeps_them_billing_looks_others_see_nothing(desk, today):
    rule, kind = make_regulation("DE"), make_document_type("bill")
    planned = make_regulation("FR", valid_from=today + timedelta(days=9))
    billing, bare = staff_client("Billing"), staff_client()
    customer = browser_of(make_project().created_by)
    pages = [LIST, page(rule), TYPES, f"{TYPES}{kind.pk}/change/"]
    changes = [ADD, f"{TYPES}add/", page(rule, "supersede"), page(planned, "delete")]
    for address in pages:
        assert desk.get(address).status_code == billing.get(address).status_code == 200, address
        assert bare.get(address).status_code == 403
        assert customer.get(address).status_code == 302
        assert Client().get(address).status_code == 302
    for address in changes:
        assert desk.get(address).status_code == 200, address
        for other in (billing, bare):
            assert other.get(address).status_code == 403, address
            assert other.post(address, filled()).status_code == 403, address
    assert "Save" not in text(billing.get(page(rule)))
    assert billing.post(page(rule), filled(rule=rule)).status_code == 403
    assert not LogEntry.objects.exists()


def test_without_the_second_factor_nobody_gets_in(client, db):
    person = make_user(is_staff=True, is_superuser=True)
    client.force_login(person)
    for address in (LIST, ADD, page(make_regulation("DE"), "supersede"), TYPES):
        assert client.get(address).status_code == 302


# -- the list ---------------------------------------------------------------------------------------------------


@pytest.fixture
def several(today):
    later = today + timedelta(days=30)
    return {
        "de": make_regulation("DE", number_type="did", lines=("bill", "passport"), is_demo=True),
        "fr": make_regulation("FR", holder="individual", valid_from=later, summary="From summer"),
        "gb": make_regulation("GB", number_type="tollfree", valid_until=today),
        "any": make_regulation("", lines=()),
    }


def rows(response):
    assert response.status_code == 200
    return re.findall(r'<tr><td class="action-checkbox">.*?</tr>', response.content.decode(), re.DOTALL)


def listed(desk, **query):
    place = re.compile(r'<th class="field-where">(?:<[^>]+>|\s)*([\w ]+)')
    return [place.search(row)[1] for row in rows(desk.get(LIST, query))]


def test_the_list_tells_what_holds_where(desk, several, today):
    found = [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip() for row in rows(desk.get(LIST))]
    assert found == [
        "Any country Any type A business In force 0",
        "Germany DID A business In force 2 Demo",
        f"France Any type An individual From {several['fr'].valid_from:%-d %b %Y} 1",
        f"United Kingdom Tollfree A business Ended on {today:%-d %b %Y} 1",
    ]
    assert "vendor/flags/de.svg" in desk.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"country": "DE"}, ["Germany"]),
        ({"country": "any"}, ["Any country"]),
        ({"type": "tollfree"}, ["United Kingdom"]),
        ({"type": "any"}, ["Any country", "France"]),
        ({"holder__exact": "individual"}, ["France"]),
        ({"is_demo__exact": "1"}, ["Germany"]),
        ({"standing": "in_force"}, ["Any country", "Germany"]),
        ({"standing": "planned"}, ["France"]),
        ({"standing": "ended"}, ["United Kingdom"]),
        ({"q": "germ"}, ["Germany"]),
        ({"q": "gb"}, ["United Kingdom"]),
        ({"q": "Passport"}, ["Germany"]),
        ({"q": "summer"}, ["France"]),
        ({"q": "nowhere"}, []),
        ({"q": "passport", "country": "FR"}, []),
    ],
)
def test_filters_and_search(desk, several, query, found):
    assert listed(desk, **query) == found


@pytest.mark.parametrize(
    "query",
    [
        {"country": "QQ"},
        {"country": "%00"},
        {"type": "x" * 999},
        {"standing": "'"},
        {"q": "\x00"},
        {"q": "%_\\"},
        {"holder__exact": "church"},
        {"p": "9" * 30},
        {"o": "x.1"},
        {"is_demo__exact": "maybe"},
        {"q": "x" * 5000},
    ],
)
def test_odd_addresses_do_no_harm(desk, several, query):
    assert desk.get(LIST, query).status_code in (200, 302, 400)


def test_the_list_costs_the_same_however_long_it_is(desk, django_assert_max_num_queries):
    for country in ("DE", "FR", "GB", "ES", "IT", "NL", "BE", "PL", "CZ", "AT", "CH", "DK"):
        make_regulation(country, lines=("bill", "passport"))
    desk.get("/admin/")  # the first page of a session notes where it began
    with django_assert_max_num_queries(15):
        assert len(rows(desk.get(LIST))) == 12
    with django_assert_max_num_queries(13):
        assert len(rows(desk.get(TYPES))) == 2


# -- saving -----------------------------------------------------------------------------------------------------


def test_a_regulation_with_its_lines_is_added(desk):
    answer = desk.post(ADD, filled(line(title="Proof", count=2, address_scope="city"), line(title="Second")))
    assert answer.status_code == 302, text(answer)
    rule = Regulation.objects.get()
    assert (rule.country, rule.number_type, rule.holder, rule.valid_from) == ("DE", "did", "business", date(2026, 1, 1))
    assert [(each.title, each.count, each.address_scope) for each in rule.requirements.all()] == [
        ("Proof", 2, "city"),
        ("Second", 1, "none"),
    ]
    assert LogEntry.objects.get().is_addition()


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"country": ""}, "A rule for any country holds for any number type."),
        ({"country": "QQ"}, "Select a valid choice. QQ"),
        ({"holder": "church"}, "Select a valid choice. church"),
        ({"valid_from": "soon"}, "Enter a valid date."),
        ({"valid_from": ""}, "This field is required."),
        ({"valid_from": "2027-01-01", "valid_until": "2026-12-01"}, "This day must come after the first one."),
        ({"valid_until": "2026-02-01"}, "This day is past."),
        ({"summary": "x" * 301}, "at most 300 characters"),
        ({"summary": "a\x00b"}, "Null characters are not allowed."),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(desk, values, told, time_machine):
    time_machine.move_to("2026-06-01 12:00Z", tick=False)
    make_document_type("bill")
    answer = desk.post(ADD, filled(**values))
    assert answer.status_code == 200
    assert told in text(answer)
    assert "onstraint" not in text(answer)
    assert not Regulation.objects.exists()


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"document_types": []}, "This field is required."),
        ({"document_types": ["x"]}, "is not a valid value"),
        ({"document_types": ["99999"]}, "Select a valid choice"),
        ({"count": 6}, "From 1 to 5 documents"),
        ({"count": 0}, "From 1 to 5 documents"),
        ({"count": ""}, "This field is required."),
        ({"count": 10**30}, "32767"),
        ({"title": ""}, "This field is required."),
        ({"address_scope": "moon"}, "Select a valid choice."),
    ],
)
def test_what_is_wrong_with_a_line_is_said_beside_it(desk, values, told):
    answer = desk.post(ADD, filled(line(), line(**values)))
    assert answer.status_code == 200
    assert told in text(answer)
    assert not Regulation.objects.exists()


@pytest.mark.parametrize("claimed", ["51", "1000", "9" * 25])
def test_a_request_that_claims_more_lines_than_anybody_needs_costs_little(desk, claimed, django_assert_max_num_queries):
    sent = filled(line()) | {"requirements-TOTAL_FORMS": claimed}
    with django_assert_max_num_queries(250):
        response = desk.post(ADD, sent)
    assert response.status_code == 200
    assert "at most 50 forms" in text(response)
    assert not Regulation.objects.exists()


def test_an_overlap_is_said_by_the_form(desk, today):
    make_regulation("DE", number_type="did", valid_until=today + timedelta(days=9))
    answer = desk.post(ADD, filled(line()))
    assert answer.status_code == 200
    assert "Another regulation for this country, type and holder holds in these days." in text(answer)
    later = make_regulation("DE", number_type="did", valid_from=today + timedelta(days=9))
    first = Regulation.objects.exclude(pk=later.pk).get()
    answer = desk.post(page(first), filled({}, rule=first, valid_until=""))
    assert answer.status_code == 200
    assert "Another regulation for this country, type and holder" in text(answer)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_once_one_is_told_of_the_other():
    people = [staff_client("Provisioning") for _ in range(6)]
    sent = filled(line())
    answers = at_once([lambda each=each: each.post(ADD, sent) for each in people])
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [302]
    told = [text(answer) for answer in answers if answer.status_code == 200]
    assert all("Another regulation for this country, type and holder" in text for text in told)
    assert Regulation.objects.count() == 1
    assert Requirement.objects.count() == 1


def test_a_change_of_what_is_in_force_is_told_by_the_history(desk, today):
    rule = make_regulation(
        "DE",
        number_type="did",
        summary="Old words",
        lines=[{"types": ["bill"], "title": "Address"}, {"types": ["passport"], "title": "Identity"}],
    )
    assert "In force." in text(desk.get(page(rule)))
    until = today + timedelta(days=30)
    passport = make_document_type("passport").pk
    answer = desk.post(
        page(rule),
        filled(
            line(title="Address", count=3),
            {"title": "Identity", "document_types": [passport], "DELETE": "on"},
            line(title="Use"),
            rule=rule,
            summary="New words",
            valid_until=until.isoformat(),
        ),
    )
    assert answer.status_code == 302, text(answer)
    told = LogEntry.objects.get().get_change_message()
    assert told.startswith("Changed while in force. ")
    for part in (
        "In words, for the customer: “Old words” → “New words”",
        f"Valid until: nothing → “{until}”",
        "Line “Address” changed: Documents needed: “1” → “3”",
        "Line “Identity” removed",
        "Line “Use” added: ",
        "Document types: nothing → Bill",
    ):
        assert part in told
    assert "Old words" in text(desk.get(page(rule, "history")))


def test_what_it_is_about_cannot_be_changed_once_it_counts(desk, today):
    rule = make_regulation("DE", number_type="did", lines=("bill",))
    sent = filled(line(), rule=rule, country="FR", holder="individual", number_type="tollfree", valid_from="2030-01-01")
    assert desk.post(page(rule), sent).status_code == 302
    kept = Regulation.objects.get()
    assert (kept.country, kept.number_type, kept.holder, kept.valid_from) == ("DE", "did", "business", date(2020, 1, 1))
    planned = make_regulation("ES", valid_from=today + timedelta(days=9), lines=("bill",))
    assert (
        desk.post(
            page(planned),
            sent | filled(line(), rule=planned, country="FR", valid_from=(today + timedelta(days=20)).isoformat()),
        ).status_code
        == 302
    )
    planned.refresh_from_db()
    assert (planned.country, planned.valid_from) == ("FR", today + timedelta(days=20))


def test_what_has_ended_is_history(desk, today):
    rule = make_regulation("DE", valid_until=today)
    shown = desk.get(page(rule))
    assert "kept for the record" in text(shown)
    assert "Save" not in text(shown)
    assert desk.post(page(rule), filled(rule=rule)).status_code == 403
    assert desk.get(page(rule, "supersede")).status_code == 403
    rule.refresh_from_db()
    assert rule.valid_until == today
