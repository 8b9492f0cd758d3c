"""manage.py import_numbers: what it accepts, what it refuses, what it leaves alone."""

import csv
from decimal import Decimal

import pytest
from django.core.management import call_command

from numbers.inventory import feed
from numbers.models import Number
from tests.inventory.feed_rows import GOOD, line


def test_a_feed_is_added_once_and_then_unchanged(run):
    rows = [line(100), line(101, type="Tollfree", e164="+18005550101", region="", city="", capabilities="voice")]
    assert run(*rows)[0] == "added 2, updated 0, unchanged 0, withdrawn 0, rejected 0"
    assert run(*rows)[0] == "added 0, updated 0, unchanged 2, withdrawn 0, rejected 0"
    number = Number.objects.get(e164="+12125550100")
    assert (
        number.country,
        number.region,
        number.city,
        number.type,
        number.sms,
        number.voice,
        number.setup_price,
        number.monthly_price,
        number.docs_required,
        number.supplier,
        number.supplier_ref,
        number.status,
    ) == (
        "US",
        "New York",
        "New York",
        "did",
        True,
        True,
        Decimal(0),
        Decimal("1.25"),
        False,
        "acme",
        "A100",
        "available",
    )
    free = Number.objects.get(e164="+18005550101")
    assert (free.type, free.sms, free.voice) == ("tollfree", False, True)


def test_changes_are_counted_and_nothing_else_is_written(run):
    run(line(100), line(101))
    before = Number.objects.get(e164="+12125550101").updated_at
    assert run(line(100, monthly="2"), line(101), line(102))[0] == (
        "added 1, updated 1, unchanged 1, withdrawn 0, rejected 0"
    )
    assert Number.objects.get(e164="+12125550100").monthly_price == 2
    assert Number.objects.get(e164="+12125550101").updated_at == before


def test_columns_may_come_in_any_order_with_a_byte_order_mark(run, tmp_path):
    header = [*reversed(feed.HEADER), "remark"]
    assert run(line(100), header=header)[0].startswith("added 1,")
    path = tmp_path / "feed.csv"
    path.write_text("\ufeff" + path.read_text())
    call_command("import_numbers", path)
    assert Number.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"e164": "12125550123"}, "not an E.164 number"),
        ({"e164": "+1 212 555 0123"}, "not an E.164 number"),
        ({"e164": "+1212555012３"}, "not an E.164 number"),
        ({"e164": ""}, "not an E.164 number"),
        ({"e164": "+11115550123"}, "not a valid number of US"),
        ({"e164": "+49111111111", "country": "DE"}, "not a valid number of DE"),
        ({"country": "us"}, "unknown country"),
        ({"country": "ZZ"}, "unknown country"),
        ({"country": "GB"}, "numbers of GB start with +44"),
        ({"country": "CA"}, "a number of US, not of CA"),
        ({"e164": "+14165550123"}, "a number of CA, not of US"),
        ({"e164": "+18005550123", "country": "CA"}, "a number of US, not of CA"),
        ({"e164": "+441481960194", "country": "GB"}, "a number of GG, not of GB"),
        ({"type": "pager"}, "type is neither"),
        ({"capabilities": ""}, "capabilities are"),
        ({"capabilities": "voice|fax"}, "capabilities are"),
        ({"setup": "-1"}, "setup is negative"),
        ({"monthly": "1,50"}, "monthly is not a price"),
        ({"monthly": "1.1234567"}, "monthly is not a price"),
        ({"monthly": "NaN"}, "monthly is not a price"),
        ({"monthly": "$1"}, "monthly is not a price"),
        ({"monthly": ""}, "monthly is not a price"),
        ({"setup": "1e3"}, "setup is not a price"),
        ({"setup": "9999999999"}, "setup is not a price"),
        ({"docs_required": "maybe"}, "docs_required is yes or no"),
        ({"supplier": ""}, "may not be empty"),
        ({"supplier_id": ""}, "may not be empty"),
        ({"region": "x" * 81}, "region is longer"),
        ({"city": "a\tb\x00"}, "city is longer"),
        ({"supplier": "s" * 41}, "supplier is longer"),
    ],
)
def test_a_bad_row_is_refused_by_line_with_its_reason(run, changes, reason):
    out, err = run(line(100), GOOD | changes, line(102), code=1)
    assert out == "added 2, updated 0, unchanged 0, withdrawn 0, rejected 1"
    assert "line 3:" in err
    assert reason in err
    assert Number.objects.count() == 2


def test_short_and_long_rows_are_refused(run):
    out, err = run(["+12125550100", "US"], line(101), [*GOOD.values(), "more"], code=1)
    assert out == "added 1, updated 0, unchanged 0, withdrawn 0, rejected 2"
    assert "line 2: +12125550100 fewer fields than the header names" in err
    assert "line 4: +12125550123 more fields than the header names" in err


def test_duplicates_in_the_file_are_refused(run):
    out, err = run(
        line(100),
        line(100, supplier_id="B"),
        line(101, supplier_id="A100"),
        line(102, supplier_id="A100", supplier="other"),
        code=1,
    )
    assert out == "added 2, updated 0, unchanged 0, withdrawn 0, rejected 2"
    assert "line 3: +12125550100 the number is in line 2 already" in err
    assert "line 4: +12125550101 the supplier's id is in line 2 already" in err


def test_conflicts_with_the_catalogue_are_refused(run):
    run(line(100), line(101))
    out, err = run(line(100, supplier="other"), line(102, supplier_id="A101"), line(103), code=1)
    assert out == "added 1, updated 0, unchanged 0, withdrawn 0, rejected 2"
    assert "line 2: +12125550100 the number belongs to supplier acme" in err
    assert "line 3: +12125550102 the supplier's id belongs to +12125550101" in err
    assert Number.objects.get(e164="+12125550100").supplier == "acme"


def test_skip_bad_exits_cleanly_and_the_report_has_every_row(run, tmp_path):
    report = tmp_path / "bad.csv"
    rows = [line(n, type="pager") for n in range(100, 130)]
    _, err = run(*rows, options=["--skip-bad", "--report", report])
    assert err.count("type is neither") == 20
    assert "10 more" in err
    lines = list(csv.reader(report.open(encoding="utf-8-sig")))
    assert lines[0] == ["line", "e164", "reason"]
    assert [int(row[0]) for row in lines[1:]] == list(range(2, 32))
