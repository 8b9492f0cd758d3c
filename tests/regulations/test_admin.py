"""Regulations in the admin site: who may, what is shown, what is refused in words, and what the history keeps."""

import re
from datetime import date, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from numbers.models import DocumentType, Regulation, Requirement
from tests.factories import make_document, make_document_type, make_project, make_regulation, make_user, sign_in
from tests.races.crowd import at_once

LIST, ADD = "/admin/numbers/regulation/", "/admin/numbers/regulation/add/"
TYPES = "/admin/numbers/documenttype/"


def team(name, client=None):
    person = make_user(is_staff=True)
    if name:
        person.groups.add(Group.objects.get(name=name))
    return sign_in(client or Client(), person)


@pytest.fixture
def desk(client, db):
    return team("Provisioning", client)


@pytest.fixture
def today():
    return timezone.now().date()


def page(rule, deed="change"):
    return f"{LIST}{rule.pk}/{deed}/"


def words(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def filled(*lines, rule=None, **values):
    """What the form sends: the regulation's fields and its lines."""
    kept = list(rule.requirements.all()) if rule else []
    sent = {
        "country": "DE", "number_type": "did", "holder": "business", "valid_from": "2026-01-01", "valid_until": "",
        "summary": "In the area.", "requirements-TOTAL_FORMS": len(lines), "requirements-INITIAL_FORMS": len(kept),
    } | values
    for n, line in enumerate(lines):
        given = {"title": "Address", "count": 1, "address_scope": "none", "position": n + 1,
                 "id": kept[n].pk if n < len(kept) else "", "regulation": rule.pk if rule else ""} | line
        sent |= {f"requirements-{n}-{name}": value for name, value in given.items()}
    return sent


def line(**values):
    return {"document_types": [make_document_type("bill").pk]} | values


# -- who may ----------------------------------------------------------------------------------------------------


def test_provisioning_keeps_them_billing_looks_others_see_nothing(desk, today):
    rule, kind = make_regulation("DE"), make_document_type("bill")
    planned = make_regulation("FR", valid_from=today + timedelta(days=9))
    billing, bare = team("Billing"), team("")
    customer = sign_in(Client(), make_project().created_by)
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
    assert "Save" not in words(billing.get(page(rule)))
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
    assert 'vendor/flags/de.svg' in desk.get(LIST).content.decode()


@pytest.mark.parametrize(("query", "found"), [
    ({"country": "DE"}, ["Germany"]), ({"country": "any"}, ["Any country"]),
    ({"type": "tollfree"}, ["United Kingdom"]), ({"type": "any"}, ["Any country", "France"]),
    ({"holder__exact": "individual"}, ["France"]), ({"is_demo__exact": "1"}, ["Germany"]),
    ({"standing": "in_force"}, ["Any country", "Germany"]), ({"standing": "planned"}, ["France"]),
    ({"standing": "ended"}, ["United Kingdom"]),
    ({"q": "germ"}, ["Germany"]), ({"q": "gb"}, ["United Kingdom"]), ({"q": "Passport"}, ["Germany"]),
    ({"q": "summer"}, ["France"]), ({"q": "nowhere"}, []), ({"q": "passport", "country": "FR"}, []),
])
def test_filters_and_search(desk, several, query, found):
    assert listed(desk, **query) == found


@pytest.mark.parametrize("query", [
    {"country": "QQ"}, {"country": "%00"}, {"type": "x" * 999}, {"standing": "'"}, {"q": "\x00"}, {"q": "%_\\"},
    {"holder__exact": "church"}, {"p": "9" * 30}, {"o": "x.1"}, {"is_demo__exact": "maybe"}, {"q": "x" * 5000},
])
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
    assert answer.status_code == 302, words(answer)
    rule = Regulation.objects.get()
    assert (rule.country, rule.number_type, rule.holder, rule.valid_from) == ("DE", "did", "business", date(2026, 1, 1))
    assert [(each.title, each.count, each.address_scope) for each in rule.requirements.all()] == [
        ("Proof", 2, "city"), ("Second", 1, "none")]
    assert LogEntry.objects.get().is_addition()


@pytest.mark.parametrize(("values", "told"), [
    ({"country": ""}, "A rule for any country holds for any number type."),
    ({"country": "QQ"}, "Select a valid choice. QQ"),
    ({"holder": "church"}, "Select a valid choice. church"),
    ({"valid_from": "soon"}, "Enter a valid date."),
    ({"valid_from": ""}, "This field is required."),
    ({"valid_from": "2027-01-01", "valid_until": "2026-12-01"}, "This day must come after the first one."),
    ({"valid_until": "2026-02-01"}, "This day is past."),
    ({"summary": "x" * 301}, "at most 300 characters"),
    ({"summary": "a\x00b"}, "Null characters are not allowed."),
])
def test_what_is_wrong_is_said_beside_the_field(desk, values, told, time_machine):
    time_machine.move_to("2026-06-01 12:00Z", tick=False)
    make_document_type("bill")
    answer = desk.post(ADD, filled(**values))
    assert answer.status_code == 200
    assert told in words(answer)
    assert "onstraint" not in words(answer)
    assert not Regulation.objects.exists()


@pytest.mark.parametrize(("values", "told"), [
    ({"document_types": []}, "This field is required."), ({"document_types": ["x"]}, "is not a valid value"),
    ({"document_types": ["99999"]}, "Select a valid choice"), ({"count": 6}, "From 1 to 5 documents"),
    ({"count": 0}, "From 1 to 5 documents"), ({"count": ""}, "This field is required."),
    ({"count": 10**30}, "32767"), ({"title": ""}, "This field is required."),
    ({"address_scope": "moon"}, "Select a valid choice."),
])
def test_what_is_wrong_with_a_line_is_said_beside_it(desk, values, told):
    answer = desk.post(ADD, filled(line(), line(**values)))
    assert answer.status_code == 200
    assert told in words(answer)
    assert not Regulation.objects.exists()


@pytest.mark.parametrize("claimed", ["51", "1000", "9" * 25])
def test_a_request_that_claims_more_lines_than_anybody_needs_costs_little(desk, claimed, django_assert_max_num_queries):
    sent = filled(line()) | {"requirements-TOTAL_FORMS": claimed}
    with django_assert_max_num_queries(250):
        response = desk.post(ADD, sent)
    assert response.status_code == 200
    assert "at most 50 forms" in words(response)
    assert not Regulation.objects.exists()


def test_an_overlap_is_said_by_the_form(desk, today):
    make_regulation("DE", number_type="did", valid_until=today + timedelta(days=9))
    answer = desk.post(ADD, filled(line()))
    assert answer.status_code == 200
    assert "Another regulation for this country, type and holder holds in these days." in words(answer)
    later = make_regulation("DE", number_type="did", valid_from=today + timedelta(days=9))
    first = Regulation.objects.exclude(pk=later.pk).get()
    answer = desk.post(page(first), filled({}, rule=first, valid_until=""))
    assert answer.status_code == 200
    assert "Another regulation for this country, type and holder" in words(answer)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_once_one_is_told_of_the_other():
    people = [team("Provisioning") for _ in range(6)]
    sent = filled(line())
    answers = at_once([lambda each=each: each.post(ADD, sent) for each in people])
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [302]
    told = [words(answer) for answer in answers if answer.status_code == 200]
    assert all("Another regulation for this country, type and holder" in text for text in told)
    assert Regulation.objects.count() == 1
    assert Requirement.objects.count() == 1


def test_a_change_of_what_is_in_force_is_told_by_the_history(desk, today):
    rule = make_regulation("DE", number_type="did", summary="Old words", lines=[
        {"types": ["bill"], "title": "Address"}, {"types": ["passport"], "title": "Identity"}])
    assert "In force." in words(desk.get(page(rule)))
    until = today + timedelta(days=30)
    passport = make_document_type("passport").pk
    answer = desk.post(page(rule), filled(
        line(title="Address", count=3), {"title": "Identity", "document_types": [passport], "DELETE": "on"},
        line(title="Use"), rule=rule, summary="New words", valid_until=until.isoformat()))
    assert answer.status_code == 302, words(answer)
    told = LogEntry.objects.get().get_change_message()
    assert told.startswith("Changed while in force. ")
    for part in ("In words, for the customer: “Old words” → “New words”", f"Valid until: nothing → “{until}”",
                 "Line “Address” changed: Documents needed: “1” → “3”", "Line “Identity” removed",
                 "Line “Use” added: ", "Document types: nothing → Bill"):
        assert part in told
    assert "Old words" in words(desk.get(page(rule, "history")))


def test_what_it_is_about_cannot_be_changed_once_it_counts(desk, today):
    rule = make_regulation("DE", number_type="did", lines=("bill",))
    sent = filled(line(), rule=rule, country="FR", holder="individual", number_type="tollfree", valid_from="2030-01-01")
    assert desk.post(page(rule), sent).status_code == 302
    kept = Regulation.objects.get()
    assert (kept.country, kept.number_type, kept.holder, kept.valid_from) == ("DE", "did", "business", date(2020, 1, 1))
    planned = make_regulation("ES", valid_from=today + timedelta(days=9), lines=("bill",))
    assert desk.post(page(planned), sent | filled(
        line(), rule=planned, country="FR", valid_from=(today + timedelta(days=20)).isoformat())).status_code == 302
    planned.refresh_from_db()
    assert (planned.country, planned.valid_from) == ("FR", today + timedelta(days=20))


def test_what_has_ended_is_history(desk, today):
    rule = make_regulation("DE", valid_until=today)
    shown = desk.get(page(rule))
    assert "kept for the record" in words(shown)
    assert "Save" not in words(shown)
    assert desk.post(page(rule), filled(rule=rule)).status_code == 403
    assert desk.get(page(rule, "supersede")).status_code == 403
    rule.refresh_from_db()
    assert rule.valid_until == today


# -- superseding ------------------------------------------------------------------------------------------------


def test_supersede_ends_it_and_opens_the_copy(desk, today):
    rule = make_regulation("DE", lines=("bill",), is_demo=True)
    assert page(rule, "supersede") in desk.get(page(rule)).content.decode()
    day = today + timedelta(days=10)
    answer = desk.post(page(rule, "supersede"), {"valid_from": day.isoformat()})
    new = Regulation.objects.exclude(pk=rule.pk).get()
    assert answer.url == page(new)
    rule.refresh_from_db()
    assert (rule.valid_until, new.valid_from, new.requirements.count()) == (day, day, 1)
    told = {entry.object_id: entry.get_change_message() for entry in LogEntry.objects.all()}
    assert told == {str(rule.pk): f"Superseded from {day:%-d %B %Y}.",
                    str(new.pk): "Copied from the one that began on 1 January 2020."}


@pytest.mark.parametrize(("day", "told"), [
    ("", "This field is required."), ("soon", "Enter a valid date."), ("2001-01-01", "This day is past."),
    ("9999-12-31", "It does not hold on that day."), ("1\x00", "Enter a valid date."),
])
def test_a_day_that_will_not_do_is_said_beside_the_field(desk, day, told):
    rule = make_regulation("DE", valid_until=date(9000, 1, 1))
    answer = desk.post(page(rule, "supersede"), {"valid_from": day})
    assert answer.status_code == 422
    assert told in words(answer)
    assert Regulation.objects.get().valid_until == date(9000, 1, 1)


def test_superseding_what_does_not_exist(desk):
    for pk in (999, 2**70):
        assert desk.get(f"{LIST}{pk}/supersede/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_who_supersede_at_once_make_one_copy(today):
    rule = make_regulation("DE", lines=("bill",))
    day = {"valid_from": (today + timedelta(days=10)).isoformat()}
    people = [team("Provisioning") for _ in range(4)]
    answers = at_once([lambda each=each: each.post(page(rule, "supersede"), day) for each in people])
    assert sorted(answer.status_code for answer in answers) == [302, 422, 422, 422]
    assert Regulation.objects.count() == 2


# -- deleting ---------------------------------------------------------------------------------------------------


def test_only_what_never_counted_can_be_deleted(desk, today):
    planned = make_regulation("DE", valid_from=today + timedelta(days=1))
    kept = [make_regulation("FR", valid_from=today), make_regulation("ES", valid_until=today)]
    for rule in kept:
        assert desk.post(page(rule, "delete"), {"post": "yes"}).status_code == 403
    chosen = [rule.pk for rule in [*kept, planned]]
    desk.post(LIST, {"action": "delete_selected", "_selected_action": chosen, "post": "yes"})
    assert Regulation.objects.count() == 3
    assert desk.post(page(planned, "delete"), {"post": "yes"}).status_code == 302
    assert set(Regulation.objects.all()) == set(kept)


@pytest.mark.parametrize("use", ["regulation", "document", "nothing"])
def test_a_document_type_in_use_is_switched_off_not_deleted(desk, use):
    kind = make_document_type("bill")
    if use == "regulation":
        make_regulation("DE", lines=[{"types": ["bill", "passport"]}])
    elif use == "document":
        make_document(make_project(), "bill")
    desk.post(TYPES, {"action": "delete_selected", "_selected_action": [kind.pk], "post": "yes"})
    used = use != "nothing"
    assert DocumentType.objects.filter(pk=kind.pk).exists() == used
    if used:
        assert desk.post(f"{TYPES}{kind.pk}/delete/", {"post": "yes"}).status_code == 403
        assert desk.post(f"{TYPES}{kind.pk}/change/", {"name": "Bill", "hint": "x"}).status_code == 302
        kind.refresh_from_db()
        assert (kind.is_active, kind.hint) == (False, "x")
    else:
        assert desk.post(f"{TYPES}{make_document_type('other').pk}/delete/", {"post": "yes"}).status_code == 302


def test_the_only_type_of_a_line_stays_switched_on(desk, today):
    kind = make_document_type("bill")
    rule = make_regulation("DE", lines=[{"types": ["bill"], "title": "Proof of address"}])
    change = f"{TYPES}{kind.pk}/change/"
    Regulation.objects.filter(pk=rule.pk).update(valid_until=today + timedelta(days=1))
    answer = desk.post(change, {"name": "Bill"})
    assert answer.status_code == 200
    assert "These lines accept nothing else: “Proof of address” (Germany, any type, business" in words(answer)
    Regulation.objects.filter(pk=rule.pk).update(valid_until=today)
    assert desk.post(change, {"name": "Bill"}).status_code == 302


def test_a_type_that_is_switched_off_is_offered_only_where_it_is_asked_for_already(desk):
    make_document_type("old", name="Old paper", is_active=False)
    assert "Old paper" not in words(desk.get(ADD))
    assert "Old paper" in words(desk.get(page(make_regulation("DE", lines=("old",)))))


def test_the_code_of_a_type_stays(desk):
    kind = make_document_type("bill")
    sent = {"name": "Bill", "code": "other", "is_active": "on"}
    assert desk.post(f"{TYPES}{kind.pk}/change/", sent).status_code == 302
    kind.refresh_from_db()
    assert (kind.code, kind.name) == ("bill", "Bill")
