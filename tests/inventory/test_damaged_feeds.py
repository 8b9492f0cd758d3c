"""manage.py import_numbers --withdraw-missing with files that are not what the supplier wrote."""

from pathlib import Path

import pytest

from numbers.inventory import feed
from numbers.models import Number
from tests.inventory.damaged import on_sale, row, text_of

pytestmark = pytest.mark.django_db
CASES = Path(__file__).with_name("cases")


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
