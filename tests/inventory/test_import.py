"""manage.py import_numbers: what it accepts, what it refuses, what it leaves alone."""

import csv
import gzip
import random
from decimal import Decimal

import phonenumbers
import pytest
from django.core.management import CommandError, call_command

from numbers.inventory import feed, numbering_plan, queries
from numbers.inventory.loading import ImportRequest, load
from numbers.models import Number
from portal.accounts import countries

GOOD = {
    "e164": "+12125550123",
    "country": "US",
    "region": "New York",
    "city": "New York",
    "type": "did",
    "capabilities": "voice|sms",
    "setup": "0",
    "monthly": "1.25",
    "docs_required": "no",
    "supplier": "acme",
    "supplier_id": "A1",
}


def write(path, *rows, header=feed.HEADER):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for row in rows:
            writer.writerow([row.get(name, "") for name in header] if isinstance(row, dict) else row)
    return path


def line(n, **changes):
    return GOOD | {"e164": f"+1212555{n:04d}", "supplier_id": f"A{n}"} | changes


@pytest.fixture
def run(tmp_path, capsys, db):
    def call(*rows, code=0, options=(), header=feed.HEADER):
        path = write(tmp_path / "feed.csv", *rows, header=header)
        if code:
            with pytest.raises(SystemExit) as ended:
                call_command("import_numbers", path, *options)
            assert ended.value.code == code
        else:
            call_command("import_numbers", path, *options)
        captured = capsys.readouterr()
        return captured.out.strip(), captured.err

    return call


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
        ({"type": "mobile"}, "type is neither"),
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


def test_only_what_is_asked_is_withdrawn(run):
    run(line(100), line(101), line(102), line(103, supplier="other", supplier_id="X"))
    Number.objects.filter(e164="+12125550102").update(status="leased")
    assert run(line(100))[0] == "added 0, updated 0, unchanged 1, withdrawn 0, rejected 0"
    assert run(line(100), options=["--withdraw-missing", "--force"])[0] == (
        "added 0, updated 0, unchanged 1, withdrawn 1, rejected 0"
    )
    assert dict(Number.objects.values_list("e164", "status")) == {
        "+12125550100": "available",
        "+12125550101": "withdrawn",
        "+12125550102": "leased",
        "+12125550103": "available",
    }
    assert run(line(100), line(101))[0] == "added 0, updated 1, unchanged 1, withdrawn 0, rejected 0"
    assert Number.objects.get(e164="+12125550101").status == "available", "offered again, sold again"


def test_a_number_whose_row_was_refused_is_not_withdrawn(run):
    run(line(100), line(101))
    out, _ = run(line(100), line(101, monthly="-1"), options=["--withdraw-missing"], code=1)
    assert out == "added 0, updated 0, unchanged 1, withdrawn 0, rejected 1"
    assert Number.objects.get(e164="+12125550101").status == "available"


@pytest.mark.parametrize("status", ["held", "leased"])
def test_the_status_of_a_number_in_use_is_never_touched(run, status):
    run(line(100))
    Number.objects.update(status=status)
    run(line(100, monthly="9"), options=["--withdraw-missing"])
    run(line(200), options=["--withdraw-missing", "--force"])
    number = Number.objects.get(e164="+12125550100")
    assert (number.status, number.monthly_price) == (status, 9)


def test_a_dry_run_changes_nothing(run):
    run(line(100), line(101))
    assert run(line(100, monthly="7"), line(102), options=["--dry-run", "--withdraw-missing", "--force"])[0] == (
        "dry run: added 1, updated 1, unchanged 0, withdrawn 1, rejected 0"
    )
    assert set(Number.objects.values_list("e164", "monthly_price", "status")) == {
        ("+12125550100", Decimal("1.25"), "available"),
        ("+12125550101", Decimal("1.25"), "available"),
    }


def test_all_or_nothing(db):
    offer = feed.check(feed.Line(2, list(line(100).values())))

    def offers():
        yield offer
        raise feed.FeedError("the disk went away")

    with pytest.raises(feed.FeedError):
        load(offers(), rejected=[], request=ImportRequest())
    assert not Number.objects.exists()


def test_a_file_that_is_no_feed_is_refused_whole(tmp_path, db):
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_numbers", tmp_path / "nothing.csv")
    header = (",".join(feed.HEADER) + "\n").encode()
    for content, message in (
        (b"", "missing: e164"),
        (b"number,price\n1,2\n", "missing: e164"),
        (header, "no numbers"),
        (header + b" , \n" * 3000 + b"\xff\xfe", "not UTF-8: look at line 3002"),
        (gzip.compress(header), "gzip"),
        (b"PK\x03\x04\x14\0\6\0", "workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "workbook"),
    ):
        (tmp_path / "feed.csv").write_bytes(content)
        with pytest.raises(CommandError, match=message):
            call_command("import_numbers", tmp_path / "feed.csv")
    assert not Number.objects.exists()


def test_an_empty_feed_withdraws_nothing(run):
    """Without a line there is no supplier, so a truncated file empties no catalogue, and is not a success."""
    run(line(100))
    with pytest.raises(CommandError, match="no numbers"):
        run(options=["--withdraw-missing"])
    assert Number.objects.get().status == Number.Status.AVAILABLE


def test_pickers_and_prices_follow_an_import(run):
    run(
        line(100),
        line(101, monthly="0.75", docs_required="yes"),
        GOOD | {"e164": "+442079460123", "country": "GB", "region": "", "city": "London", "supplier_id": "L"},
    )
    assert [(each.name, each.count) for each in queries.countries()] == [("United Kingdom", 1), ("United States", 2)]
    assert [(each.name, each.code, each.count) for each in queries.regions("US")] == [("New York", "NY", 2)]
    assert queries.regions("GB") == []
    (price,) = queries.price_list("US")
    assert (price.type, price.monthly, price.count, price.docs_required) == ("did", Decimal("0.75"), 2, 1)
    assert queries.price_list("FR") == []


def test_our_numbering_plans_agree_with_libphonenumber():
    rng = random.Random(3)
    codes = [code for code in countries.NAMES if phonenumbers.example_number(code)]
    for _ in range(8_000):
        code = rng.choice(codes)
        digits = list(phonenumbers.national_significant_number(phonenumbers.example_number(code)))
        for _ in range(rng.choice([0, 1, 2, 4])):
            digits[rng.randrange(len(digits))] = rng.choice("0123456789")
        national = "".join(digits)
        zeros = len(national) - len(national.lstrip("0"))
        number = phonenumbers.PhoneNumber(
            country_code=int(countries.calling_code(code)),
            national_number=int(national),
            italian_leading_zero=True if zeros else None,
            number_of_leading_zeros=zeros if zeros > 1 else None,
        )
        assert numbering_plan.is_valid(national, code) == phonenumbers.is_valid_number_for_region(number, code), number
        assert numbering_plan.owner(national, number.country_code) == (
            phonenumbers.region_code_for_number(number) or ""
        )
