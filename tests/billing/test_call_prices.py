"""What calls cost: the arithmetic, the table with its past, the import and the page of staff."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from billing.models import CallPrice
from billing.pricing.importing import ImportProblem, read
from billing.pricing.services import end_price, set_prices
from billing.pricing.tariff import Tariff
from tests.support.pages import text
from tests.support.people import staff_client
from tests.support.prices import set_price

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LIST = "/admin/billing/callprice/"
HEADER = "country,price_per_minute,connection_fee,first_interval,next_interval\n"


def tariff(price="0.02", fee="0", first=60, following=60, country="GB"):
    return Tariff(country, Decimal(price), Decimal(fee), first, following)


@pytest.mark.parametrize(
    ("of", "seconds", "cost"),
    [
        (tariff(), "0", "0"),
        (tariff(), "0.4", "0.02"),
        (tariff(), "60", "0.02"),
        (tariff(), "60.001", "0.04"),
        (tariff("0.06", "0.1", 30, 6), "1", "0.13"),
        (tariff("0.06", "0.1", 30, 6), "30", "0.13"),
        (tariff("0.06", "0.1", 30, 6), "31", "0.136"),
        (tariff("0.01", "0", 1, 1), "7", "0.001167"),
    ],
)
def test_what_a_call_costs(of, seconds, cost):
    assert of.cost(Decimal(seconds)) == Decimal(cost)


@pytest.mark.parametrize("amount", ["0", "0.01", "0.13", "0.135", "0.136", "1", "9.99", "100"])
@pytest.mark.parametrize("of", [tariff("0.06", "0.1", 30, 6), tariff(), tariff("0.7", "0", 1, 1)])
def test_an_amount_lasts_as_long_as_it_pays_for_and_not_an_interval_more(of, amount):
    amount = Decimal(amount)
    seconds = of.seconds(amount, most=10**6)
    if seconds:
        assert (
            of.cost(Decimal(seconds))
            <= amount + Decimal("0.000001")
            < of.cost(Decimal(seconds + 1)) + Decimal("0.000002")
        )
    else:
        assert of.first_charge > amount
    assert of.seconds(amount, most=5) <= 5


def test_another_price_ends_the_one_before_and_keeps_it():
    set_prices(tariffs=[tariff(), tariff(country="US")], by="", now=NOW)
    later = NOW + timedelta(days=1)
    [new] = set_prices(tariffs=[tariff("0.03"), tariff(country="US")], by="bill@portal.example", now=later)
    assert (new.country, new.valid_from, new.added_by) == ("GB", later, "bill@portal.example")
    assert [price.price_per_minute for price in CallPrice.valid_at(NOW).filter(country="GB")] == [Decimal("0.02")]
    assert CallPrice.valid_at(later).get(country="GB") == new
    set_prices(tariffs=[tariff("0.04")], by="", now=later)
    assert CallPrice.objects.filter(country="GB").count() == 3, "twice in one instant"
    assert end_price(price=CallPrice.objects.get(country="US"), now=later)
    assert not end_price(price=CallPrice.objects.get(country="US"), now=later)
    assert not CallPrice.valid_at(later).filter(country="US").exists()


@pytest.mark.parametrize(
    "values",
    [
        {"country": "gb"},
        {"country": ""},
        {"per_minute": "-1"},
        {"connection_fee": -1},
        {"first_interval": 0},
        {"next_interval": 0},
        {"valid_to": datetime(2019, 1, 1, tzinfo=UTC)},
        {"country": "US"},
        {"country": "US", "valid_to": NOW},
    ],
)
def test_the_database_refuses(values):
    set_price("US")
    with pytest.raises(IntegrityError), transaction.atomic():
        set_price(**values)


def test_a_file_is_loaded_as_a_whole_and_twice_is_once(tmp_path):
    file = tmp_path / "prices.csv"
    file.write_text("\ufeffcountry,price_per_minute\ngb, 0.02 \n001,4.5\n", encoding="utf-8")
    out = StringIO()
    call_command("import_call_prices", file, stdout=out)
    call_command("import_call_prices", file, stdout=out)
    assert out.getvalue().split("\n")[:2] == ["2 prices read, 2 of them new.", "2 prices read, 0 of them new."]
    file.write_text(f"{HEADER}GB,0.05,0,60,60\nFR,0.01,0,60,60\n", encoding="utf-8")
    call_command("import_call_prices", file, "--only-new", stdout=out)
    assert dict(CallPrice.objects.values_list("country", "price_per_minute")) == {
        "GB": Decimal("0.02"),
        "FR": Decimal("0.01"),
        "001": Decimal("4.5"),
    }
    file.write_bytes(b"country,price_per_minute\nDE,\xff\n")
    for path in (file, tmp_path / "missing.csv"):
        with pytest.raises(CommandError):
            call_command("import_call_prices", path)


@pytest.mark.parametrize(
    ("text_of_file", "words"),
    [
        ("", "has to name the column country"),
        ("country\n", "has to name the column price_per_minute"),
        ("country,price_per_minute,color\n", "There is no column 'color'"),
        (f"{HEADER}XX,1,0,60,60\n", "Line 2: 'XX' is no country code"),
        (f"{HEADER}GB,1,0,60,60\nFR,1,0,60,60\nGB,2,0,60,60\n", "Lines 2 and 4: GB has two prices"),
        (f"{HEADER}GB,1\n", "Line 2: it has not as many values"),
        (f"{HEADER}GB,1,0,60,60,7\n", "Line 2: it has not as many values"),
        *((f"{HEADER}GB,{price},0,60,60\n", "price_per_minute is an amount") for price in
          ("", "-1", "abc", "NaN", "Infinity", "1e9", "0.0000001", "1000")),
        *((f"{HEADER}GB,1,0,{seconds},60\n", "first_interval is a whole number") for seconds in
          ("0", "", "-1", "1.5", "3601", "99999999999", "٣")),
        (f'{HEADER}"GB,1,0,60,60\n', "Line"),
        (HEADER + "".join(f"GB{n},1,0,60,60\n" for n in range(2)), "is no country code"),
    ],
)  # fmt: skip
def test_a_file_with_a_mistake_names_its_line(text_of_file, words):
    with pytest.raises(ImportProblem) as caught:
        read(text_of_file)
    assert words in str(caught.value)


def test_the_billing_team_sets_and_ends_prices():
    desk = staff_client("Billing")
    form = {
        "country": "GB",
        "price_per_minute": "0.02",
        "connection_fee": "0",
        "first_interval": "60",
        "next_interval": "1",
    }
    assert "United Kingdom (GB)" in text(desk.post(f"{LIST}add/", form, follow=True))
    first = CallPrice.objects.get()
    assert ("@" in first.added_by, first.next_interval) == (True, 1)
    desk.post(f"{LIST}add/", form | {"price_per_minute": "0.025"})
    current, ended = CallPrice.objects.order_by("valid_to")[:1].get(), CallPrice.objects.get(pk=first.pk)
    assert (ended.valid_to is None, CallPrice.objects.get(valid_to=None).price_per_minute) == (False, Decimal("0.025"))
    assert current.valid_to == CallPrice.objects.get(valid_to=None).valid_from
    for spoiled in ({"price_per_minute": "-1"}, {"country": "XX"}, {"first_interval": "0"}, {"price_per_minute": "x"}):
        assert "Please correct the error" in text(desk.post(f"{LIST}add/", form | spoiled))
    assert CallPrice.objects.count() == 2
    row = CallPrice.objects.get(valid_to=None)
    desk.post(LIST, {"action": "end_now", "_selected_action": [row.pk]})
    assert not CallPrice.objects.filter(valid_to=None).exists()
    assert LogEntry.objects.latest("id").change_message == "Ended."


def test_nobody_else_sets_prices(desk):
    row = set_price()
    assert desk.get(f"{LIST}add/").status_code == 403
    billing = staff_client("Billing")
    assert billing.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert billing.post(f"{LIST}{row.pk}/change/", {"price_per_minute": "9"}).status_code == 403
    assert CallPrice.objects.get().price_per_minute == Decimal("0.02")
