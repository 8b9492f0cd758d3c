"""Regulations in the admin site: what is refused in words, and what the history keeps."""

from datetime import date, timedelta

import pytest
from django.contrib.admin.models import LogEntry

from numbers.models import Regulation, Requirement
from tests.regulations.admin_site import ADD, filled, line, page
from tests.support.crowd import at_once
from tests.support.pages import text
from tests.support.people import staff_client
from tests.support.regulations import make_document_type, make_regulation


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
    assert answer.status_code == 422
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
    assert answer.status_code == 422
    assert told in text(answer)
    assert not Regulation.objects.exists()


@pytest.mark.parametrize("claimed", ["51", "1000", "9" * 25])
def test_a_request_that_claims_more_lines_than_anybody_needs_costs_little(desk, claimed, django_assert_max_num_queries):
    sent = filled(line()) | {"requirements-TOTAL_FORMS": claimed}
    with django_assert_max_num_queries(250):
        response = desk.post(ADD, sent)
    assert response.status_code == 422
    assert "at most 50 forms" in text(response)
    assert not Regulation.objects.exists()


def test_an_overlap_is_said_by_the_form(desk, today):
    make_regulation("DE", number_type="did", valid_until=today + timedelta(days=9))
    answer = desk.post(ADD, filled(line()))
    assert answer.status_code == 422
    assert "Another regulation for this country, type and holder holds in these days." in text(answer)
    later = make_regulation("DE", number_type="did", valid_from=today + timedelta(days=9))
    first = Regulation.objects.exclude(pk=later.pk).get()
    answer = desk.post(page(first), filled({}, rule=first, valid_until=""))
    assert answer.status_code == 422
    assert "Another regulation for this country, type and holder" in text(answer)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_once_one_is_told_of_the_other():
    people = [staff_client("Provisioning") for _ in range(6)]
    sent = filled(line())
    answers = at_once([lambda each=each: each.post(ADD, sent) for each in people])
    assert sorted(answer.status_code for answer in answers) == [302] + [422] * 5
    told = [text(answer) for answer in answers if answer.status_code == 422]
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
