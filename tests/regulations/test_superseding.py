"""Regulations in the admin site: superseding one, and deleting what never counted."""

from datetime import date, timedelta

import pytest
from django.contrib.admin.models import LogEntry

from numbers.models import DocumentType, Regulation
from tests.regulations.admin_site import ADD, LIST, TYPES, page
from tests.support.crowd import at_once
from tests.support.documents import make_document
from tests.support.pages import text
from tests.support.people import staff_client
from tests.support.projects import make_project
from tests.support.regulations import make_document_type, make_regulation

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
    assert told == {
        str(rule.pk): f"Superseded from {day:%-d %B %Y}.",
        str(new.pk): "Copied from the one that began on 1 January 2020.",
    }


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("", "This field is required."),
        ("soon", "Enter a valid date."),
        ("2001-01-01", "This day is past."),
        ("9999-12-31", "It does not hold on that day."),
        ("1\x00", "Enter a valid date."),
    ],
)
def test_a_day_that_will_not_do_is_said_beside_the_field(desk, day, told):
    rule = make_regulation("DE", valid_until=date(9000, 1, 1))
    answer = desk.post(page(rule, "supersede"), {"valid_from": day})
    assert answer.status_code == 422
    assert told in text(answer)
    assert Regulation.objects.get().valid_until == date(9000, 1, 1)


def test_superseding_what_does_not_exist(desk):
    for pk in (999, 2**70):
        assert desk.get(f"{LIST}{pk}/supersede/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_who_supersede_at_once_make_one_copy(today):
    rule = make_regulation("DE", lines=("bill",))
    day = {"valid_from": (today + timedelta(days=10)).isoformat()}
    people = [staff_client("Provisioning") for _ in range(4)]
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
    assert answer.status_code == 422
    assert "These lines accept nothing else: “Proof of address” (Germany, any type, business" in text(answer)
    Regulation.objects.filter(pk=rule.pk).update(valid_until=today)
    assert desk.post(change, {"name": "Bill"}).status_code == 302


def test_a_type_that_is_switched_off_is_offered_only_where_it_is_asked_for_already(desk):
    make_document_type("old", name="Old paper", is_active=False)
    assert "Old paper" not in text(desk.get(ADD))
    assert "Old paper" in text(desk.get(page(make_regulation("DE", lines=("old",)))))


def test_the_code_of_a_type_stays(desk):
    kind = make_document_type("bill")
    sent = {"name": "Bill", "code": "other", "is_active": "on"}
    assert desk.post(f"{TYPES}{kind.pk}/change/", sent).status_code == 302
    kind.refresh_from_db()
    assert (kind.code, kind.name) == ("bill", "Bill")
