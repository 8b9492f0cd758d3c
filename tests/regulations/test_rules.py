"""Which regulation counts: the most specific one that is in force, and never two at a time."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from numbers.models import Regulation, Requirement
from numbers.regulations.queries import regulation_for
from numbers.regulations.services import supersede
from portal.core.errors import DomainError
from tests.support.inventory import LONDON, make_number
from tests.support.regulations import make_regulation

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 15)


def counting(number, holder="business", on=DAY):
    found = regulation_for(number, holder=holder, on=on)
    return found and found.summary


def test_the_most_specific_one_wins():
    berlin = make_number("+493012345678", country="DE", region="", city="Berlin")
    free = make_number("+498001234567", country="DE", region="", city="", type="tollfree")
    abroad = make_number("+442079460100", **LONDON)
    make_regulation("", summary="anywhere")
    assert counting(berlin) == "anywhere"
    make_regulation("DE", summary="Germany")
    assert counting(berlin) == counting(free) == "Germany"
    make_regulation("DE", number_type="did", summary="German DIDs")
    make_regulation("FR", number_type="did", summary="French DIDs")
    assert (counting(berlin), counting(free), counting(abroad)) == ("German DIDs", "Germany", "anywhere")
    assert counting(berlin, holder="individual") is None


def test_it_holds_from_its_first_day_until_the_day_before_its_end():
    number = make_number("+493012345678", country="DE")
    make_regulation("DE", summary="old", valid_from=date(2026, 1, 1), valid_until=date(2026, 7, 1))
    make_regulation("DE", summary="new", valid_from=date(2026, 7, 1))
    found = [
        counting(number, on=day)
        for day in (date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1), date(2040, 1, 1))
    ]
    assert found == [None, "old", "old", "new", "new"]


@pytest.mark.parametrize(
    "days",
    [
        {"valid_from": date(2026, 6, 30)},
        {"valid_from": date(2025, 1, 1)},
        {"valid_from": date(2025, 1, 1), "valid_until": date(2026, 1, 2)},
        {"valid_from": date(2026, 2, 1), "valid_until": date(2026, 3, 1)},
    ],
)
def test_two_at_a_time_are_refused_in_words_and_by_the_database(days):
    make_regulation("DE", valid_from=date(2026, 1, 1), valid_until=date(2026, 7, 1))
    second = Regulation(country="DE", holder="business", **days)
    with pytest.raises(ValidationError, match="Another regulation for this country, type and holder"):
        second.full_clean()
    with pytest.raises(IntegrityError, match="one_regulation_at_a_time"), transaction.atomic():
        second.save()


def test_what_follows_or_is_about_something_else_is_no_overlap():
    make_regulation("DE", valid_from=date(2026, 1, 1), valid_until=date(2026, 7, 1))
    for other in (
        {"valid_from": date(2026, 7, 1)},
        {"valid_from": date(2025, 1, 1), "valid_until": date(2026, 1, 1)},
        {"number_type": "did", "valid_from": date(2026, 1, 1)},
        {"holder": "individual", "valid_from": date(2026, 1, 1)},
    ):
        rule = Regulation(**{"country": "DE", "holder": "business"} | other)
        rule.full_clean()
        rule.save()
    assert Regulation.objects.count() == 5


@pytest.mark.parametrize(
    ("wrong", "field", "constraint"),
    [
        ({"country": "de"}, "country", "regulation_country"),
        ({"country": "", "number_type": "did"}, "number_type", "regulation_any_place_any_type"),
        ({"number_type": "pager"}, "number_type", "regulation_number_type"),
        ({"holder": "church"}, "holder", "regulation_holder"),
        ({"valid_until": DAY}, "valid_until", "regulation_ends_after_it_begins"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words_and_by_the_database(wrong, field, constraint):
    rule = Regulation(**{"country": "DE", "holder": "business", "valid_from": DAY} | wrong)
    with pytest.raises(ValidationError) as refused:
        rule.full_clean()
    assert set(refused.value.message_dict) == {field}
    assert "onstraint" not in str(refused.value)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        rule.save()


def test_a_country_that_does_not_exist_is_refused():
    with pytest.raises(ValidationError, match="There is no country “QQ”"):
        Regulation(country="QQ", holder="business", valid_from=DAY).full_clean()


@pytest.mark.parametrize("count", [0, 6])
def test_a_line_asks_for_one_to_five_documents(count):
    line = Requirement(regulation=make_regulation("DE", lines=()), title="Proof", count=count)
    with pytest.raises(ValidationError, match="From 1 to 5 documents") as refused:
        line.full_clean()
    assert set(refused.value.message_dict) == {"count"}
    with pytest.raises(IntegrityError, match="requirement_count"), transaction.atomic():
        line.save()


# -- superseding ------------------------------------------------------------------------------------------------


def test_a_successor_takes_the_lines_along_and_the_past_stays():
    number = make_number("+493012345678", country="DE")
    old = make_regulation(
        "DE",
        summary="Proof",
        valid_until=date(2030, 1, 1),
        is_demo=True,
        lines=[
            {"types": ["passport", "id_card"], "title": "Identity", "explanation": "Yours"},
            {"types": ["bill"], "title": "Address", "count": 2, "address_scope": "city"},
        ],
    )
    before = list(old.requirements.values("title", "count", "address_scope", "position", "explanation"))
    new = supersede(regulation=old, valid_from=DAY)
    old.refresh_from_db()
    assert (old.valid_until, new.valid_from, new.valid_until) == (DAY, DAY, date(2030, 1, 1))
    assert (new.summary, new.is_demo, new.country, new.holder) == ("Proof", True, "DE", "business")
    assert list(new.requirements.values("title", "count", "address_scope", "position", "explanation")) == before
    assert [sorted(kind.code for kind in line.document_types.all()) for line in new.requirements.all()] == [
        ["id_card", "passport"],
        ["bill"],
    ]
    new.requirements.all().delete()
    assert old.requirements.count() == 2
    assert regulation_for(number, holder="business", on=date(2026, 6, 14)) == old
    assert regulation_for(number, holder="business", on=DAY) == new


@pytest.mark.parametrize("day", [date(2019, 12, 31), date(2020, 1, 1), date(2030, 1, 1), date(2031, 1, 1)])
def test_it_is_superseded_only_while_it_holds(day):
    old = make_regulation("DE", valid_from=date(2020, 1, 1), valid_until=date(2030, 1, 1))
    with pytest.raises(DomainError, match="Choose one after 1 January 2020 and before 1 January 2030") as refused:
        supersede(regulation=old, valid_from=day)
    assert (refused.value.code, refused.value.field) == ("regulation_not_in_force", "valid_from")
    assert Regulation.objects.get() == old
