"""manage.py import_numbers --withdraw-missing: how much at most, and files that are no feed."""

import contextlib

import pytest
from django.core.management import CommandError

from numbers.inventory import feed
from numbers.inventory.checks import withdraw_limit
from numbers.models import Number
from tests.inventory.damaged import on_sale, row, text_of
from tests.support.inventory import make_number

pytestmark = pytest.mark.django_db


HEADER = ",".join(feed.HEADER)


# -- the limit ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("offered", "withdrawn"), [(100, 0), (95, 5), (90, 10), (89, 0), (1, 0)])
def test_no_more_than_a_tenth_of_a_suppliers_numbers_is_withdrawn(load, stock, offered, withdrawn):
    code, out, err = load(text_of(row(n) for n in range(offered)), "--withdraw-missing", "--skip-bad")
    assert f"withdrawn {withdrawn}, " in out
    assert on_sale() == 100 - withdrawn
    too_much = offered < 90
    assert code == (1 if too_much else 0)
    assert ("run the import again with --force" in err) == too_much


def test_force_says_how_many_of_whom_it_takes_off_sale(load, stock):
    load(text_of(row(n, supplier="eta") for n in range(200, 205)))
    feed_now = text_of([*(row(n) for n in range(40)), row(200, supplier="eta")])
    refused = load(feed_now, "--withdraw-missing")
    forced = load(feed_now, "--withdraw-missing", "--force")
    assert "Nothing was withdrawn, though no longer offered:" in refused[2]
    assert "Off sale, because no longer offered:" in forced[2]
    for _, _, err in (refused, forced):
        assert "eta: 4 of 5 numbers on sale (80 %)" in err
        assert "zeta: 60 of 100 numbers on sale (60 %)" in err
    assert on_sale() == 41


def test_the_limit_is_each_suppliers_own(load, stock):
    """A small catalogue next to a large one is no small share."""
    load(text_of(row(n, supplier="eta") for n in range(200, 205)))
    load(
        text_of([*(row(n) for n in range(100)), *(row(n, supplier="eta") for n in range(201, 205))]),
        "--withdraw-missing",
    )
    assert on_sale() == 105


def test_the_limit_is_a_setting(load, stock, settings):
    settings.WITHDRAW_LIMIT_PERCENT = 40
    assert "withdrawn 40," in load(text_of(row(n) for n in range(60)), "--withdraw-missing")[1]


def test_what_is_leased_does_not_make_the_limit_larger(load, stock):
    Number.objects.filter(e164__gte="+17025550010").update(status="leased")
    assert load(text_of(row(n) for n in range(5, 100)), "--withdraw-missing")[0] == 1
    assert on_sale() == 10


def test_no_country_is_sold_out_by_a_file_without_it(load, stock):
    make_number("+442079460123", country="GB", supplier="zeta", supplier_ref="L", region="", city="London")
    code, _, err = load(text_of(row(n) for n in range(100)), "--withdraw-missing")
    assert (code, on_sale()) == (1, 101)
    assert "zeta: 1 of 101 numbers on sale (0.99 %), all of GB" in err


def test_another_suppliers_file_withdraws_nothing(load, stock):
    assert load(text_of([row(200, supplier="eta")]), "--withdraw-missing", "--force")[0] == 0
    assert on_sale() == 101


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        (HEADER + "\n").encode(),
        b"\xef\xbb\xbf" + HEADER.encode(),
        b"\x00" * 100,
        b"PK\x03\x04" + b"\x00" * 50,
        text_of([row(0)]).replace(",", ";").encode(),
        text_of([row(0)]).replace(",", "\t").encode(),
        text_of([row(0)]).replace(",", "\t").encode("utf-16"),
        text_of([row(0)]).encode("utf-16"),
        text_of([row(0)]).encode("utf-16-le"),
        text_of([row(0)]).encode("utf-16-be"),
        text_of([row(0, city="Montréal")]).encode("latin-1"),
        b'"' + text_of([row(0)]).encode(),
        text_of([row(0)]).replace("Las Vegas", '"Las Vegas').encode(),
        text_of([row(0)]).replace("e164,country", "e164,e164,country").encode(),
        text_of([row(0)]).split("\n", 1)[1].encode(),
    ],
)
def test_what_is_no_feed_changes_nothing(load, stock, content):
    with contextlib.suppress(CommandError):
        load(content, "--withdraw-missing", "--force")
    assert on_sale() == 100
    assert Number.objects.count() == 100


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (text_of([row(0)]).replace(",", ";"), "separated by semicolons"),
        (text_of([]).replace(",", "\t"), "by tabs"),
        (text_of([row(0)]).encode("utf-16"), "Save it as “CSV UTF-8”"),
        (HEADER + ",e164\n", "names a column twice: e164"),
    ],
)
def test_a_file_that_is_refused_whole_says_what_to_do(load, content, words):
    with pytest.raises(CommandError, match=words):
        load(content)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: text.replace("\n", ",,,\n"),
        lambda text: text.replace("\n", "\n\n \n\t\n,,,,\n;;;\n"),
        lambda text: (
            "\n".join(",".join(f'"{field}"' for field in each.split(",")) for each in text.splitlines()) + "\n"
        ),
        lambda text: text + "\x1a",
        lambda text: text + ",,,,,,,,,,",
        lambda text: text + "\ufeff\n\xa0\n",
        lambda text: text.replace(HEADER, HEADER + ",remark"),  # a spreadsheet leaves out what is empty at the end
        lambda text: text.replace(HEADER, HEADER + ",remark").replace("Z-1\n", 'Z-1,"a note\nin two lines"\n'),
        lambda text: text.replace(",", " , "),
        lambda text: text.replace(HEADER, HEADER.upper()),
    ],
)
def test_all_lines_of_a_whole_file_are_good_however_it_was_saved(load, change):
    code, out, err = load(change(text_of(row(n) for n in range(20))))
    assert (code, out) == (0, "added 20, updated 0, unchanged 0, withdrawn 0, rejected 0"), err


def test_empty_columns_at_the_end_may_be_left_out(load):
    order = [name for name in feed.HEADER if name not in ("region", "city")] + ["region", "city"]
    values = dict(zip(feed.HEADER, row(0), strict=True))
    line = ",".join(values[name] for name in order[:-2])
    assert load(",".join(order) + f"\n{line}\n")[1] == "added 1, updated 0, unchanged 0, withdrawn 0, rejected 0"


def test_force_goes_with_withdrawing(load):
    with pytest.raises(CommandError, match="--withdraw-missing"):
        load(text_of([]), "--force")


@pytest.mark.parametrize(("percent", "ids"), [(-1, ["numbers.E030"]), (0, []), (100, []), (101, ["numbers.E030"])])
def test_a_limit_that_makes_no_sense_is_refused_at_the_start(settings, percent, ids):
    settings.WITHDRAW_LIMIT_PERCENT = percent
    assert [problem.id for problem in withdraw_limit()] == ids
