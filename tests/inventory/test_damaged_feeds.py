"""manage.py import_numbers --withdraw-missing with files that are not what the supplier wrote."""

import contextlib
import csv
import io
from pathlib import Path

import pytest
from django.core.management import CommandError

from numbers.inventory import feed
from numbers.inventory.checks import withdraw_limit
from numbers.models import Number
from tests.support.inventory import make_number

pytestmark = pytest.mark.django_db
CASES = Path(__file__).with_name("cases")
HEADER = ",".join(feed.HEADER)


def text_of(rows):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([feed.HEADER, *rows])
    return out.getvalue()


def row(n, **changes):
    values = dict(
        zip(
            feed.HEADER,
            (f"+1702555{n:04d}", "US", "Nevada", "Las Vegas", "did", "voice|sms", "0", "1.00", "no", "zeta", f"Z-{n}"),
            strict=True,
        )
    )
    return list((values | changes).values())


@pytest.fixture
def stock(load):
    """A hundred numbers of one supplier."""
    assert load(text_of(row(n) for n in range(100)))[0] == 0


def on_sale():
    return Number.objects.filter(status="available").count()


# -- the cases ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["excel_sci", "excel_plus_lost", "apostrophe", "truncated"])
def test_a_damaged_copy_of_the_feed_withdraws_nothing(load, name):
    load((CASES / "feed_good.csv").read_bytes())
    code, _, err = load((CASES / f"feed_{name}.csv").read_bytes(), "--withdraw-missing")
    assert code == 1
    assert "rejected" in err
    assert on_sale() == 10


@pytest.mark.parametrize("name", ["trailing_commas_rows", "blank_and_space_lines"])
def test_the_habits_of_spreadsheets_are_accepted(load, name):
    code, out, _ = load((CASES / f"feed_{name}.csv").read_bytes())
    assert code == 0
    assert out.endswith("withdrawn 0, rejected 0")
    assert on_sale() == (10 if name.startswith("trailing") else 3)


# -- their kind -----------------------------------------------------------------------------------------------------


UNTIED = [
    row(0, e164="1.70256E+10", supplier_id="1E+05"),
    row(0, e164="17025550000", supplier_id="0"),
    row(0, e164="'+17025550000", supplier_id="'Z-0"),
    row(0, e164="", supplier_id=""),
    row(0, e164="#NAME?", supplier="", supplier_id="Z-0"),
    row(0, e164="+17025559999", monthly="1,00", supplier_id="Z-N"),
    ["", *row(0)[:-1]],  # shifted to the right
    [*row(0)[1:], ""],  # and to the left
    [*row(0), "A-1"],
    list(feed.HEADER),
    ["+1702"],
    ["Total", "100"],
    row(0, e164="+17025550000+17025550001"),
    row(1, e164="+17025550000" + row(1)[0], supplier_id="Z-1"),
    row(50, supplier_id="0"),  # copied down: the number of another line
]


@pytest.mark.parametrize("bad", UNTIED, ids=[",".join(each)[:40] for each in UNTIED])
def test_nothing_is_withdrawn_while_a_refused_line_may_stand_for_any_number(load, stock, bad):
    text = text_of([*(row(n) for n in range(1, 95)), bad])
    code, out, err = load(text, "--withdraw-missing", "--skip-bad", "--force")
    assert (code, on_sale()) == (1, 100)
    assert out.endswith("withdrawn 0, rejected 1")
    assert "Nothing was withdrawn, though no longer offered:" in err
    assert "Line 96 was refused and may stand for any number." in err


TIED = [
    row(0, e164="1.70256E+10"),
    row(0, e164="17025550000"),
    row(0, e164="'+17025550000"),
    row(0, e164="="),
    row(0, monthly="1,00"),
    row(0, monthly="-1", supplier_id="new"),
    row(0, country="CA"),
    row(0, supplier="ZETA"),
    row(0)[:9],
    row(50, supplier_id="Z-0"),
    row(0, supplier_id="Z-50"),
]


@pytest.mark.parametrize("bad", TIED, ids=[",".join(each)[:40] for each in TIED])
def test_a_refused_line_that_names_a_number_keeps_that_number_and_no_other(load, stock, bad):
    code, out, _ = load(text_of([*(row(n) for n in range(1, 95)), bad]), "--withdraw-missing", "--skip-bad")
    assert code == 0
    assert out.endswith("withdrawn 5, rejected 1")
    assert Number.objects.get(e164="+17025550000").status == "available"
    assert on_sale() == 95


@pytest.mark.parametrize(
    ("e164", "advice"),
    [
        ("1.70256E+10", "a spreadsheet has rounded it: import the column as text"),
        ("1,70256E+10", "a spreadsheet has rounded it"),
        ("2E+10", "a spreadsheet has rounded it"),
        ("17025550000", "the + is lost: import the column as text"),
        ("0017025550000", "+ in place of 00"),
        ("'+17025550000", "without the apostrophe"),
    ],
)
def test_a_damaged_number_is_refused_with_what_to_do_and_never_repaired(load, e164, advice):
    code, out, err = load(text_of([row(0, e164=e164)]))
    assert (code, out) == (1, "added 0, updated 0, unchanged 0, withdrawn 0, rejected 1")
    assert advice in err
    assert not Number.objects.exists()


@pytest.mark.parametrize("cut", [1, 2, 3, 10, 25, 40, 60])
def test_a_file_that_ends_within_its_last_line_withdraws_nothing(load, stock, cut):
    """Also where what is left of the line is good: a shorter id, a cheaper price."""
    whole = text_of(row(n) for n in range(98))
    load(whole[: -cut - 1], "--withdraw-missing", "--force", "--skip-bad")
    assert on_sale() == 100


def test_a_whole_file_without_a_last_line_end_withdraws(load, stock):
    assert load(text_of(row(n) for n in range(95))[:-1], "--withdraw-missing")[1].endswith("withdrawn 5, rejected 0")
    # What is new or changed in the last line may be cut off: then a line end says that it is not.
    changed = text_of([row(n) for n in range(93)] + [row(93, capabilities="voice")])
    code, _, err = load(changed[:-1], "--withdraw-missing")
    assert (code, on_sale()) == (1, 95)
    assert "The file ends in line 95 without a line end, so it may be cut off." in err
    assert load(changed, "--withdraw-missing")[1].endswith("withdrawn 1, rejected 0")


@pytest.mark.parametrize("last", ["monthly", "setup", "e164"])
def test_a_price_or_number_at_the_end_of_a_file_without_line_end_is_not_believed(load, last):
    order = [name for name in feed.HEADER if name != last] + [last]
    values = dict(zip(feed.HEADER, row(0, monthly="12.50", setup="10"), strict=True))
    text = ",".join(order) + "\n" + ",".join(values[name] for name in order)
    code, _, err = load(text)
    assert (code, Number.objects.count()) == (1, 0)
    assert f"the file ends without a line end, so {last} may be cut off" in err
    assert load(text + "\n")[0] == 0


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
