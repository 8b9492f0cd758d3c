"""manage.py import_numbers: what it withdraws, and what it leaves as it is."""

import gzip
import random
from decimal import Decimal

import phonenumbers
import pytest
from django.core.management import CommandError, call_command

from numbers.inventory import feed, feed_checks, numbering_plan, queries
from numbers.inventory.loading import ImportRequest, load
from numbers.models import Number
from portal.accounts import countries
from tests.inventory.feed_rows import GOOD, line


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
    offer = feed_checks.check(feed.Line(2, list(line(100).values())))

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
