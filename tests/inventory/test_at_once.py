"""Two imports or two counts at the same moment: the second begins when the first is done."""

import io
import json

import pytest
from django.db import transaction

from numbers.inventory import feed, feed_checks, loading, places, stats
from numbers.models import FeedImport, Number, NumberStat
from numbers.regulations import importing
from tests.inventory.damaged import row, text_of
from tests.support.crowd import Beside, wait_until_it_waits
from tests.support.inventory import make_number

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def load(number, supplier, **options):
    text = text_of([row(number, supplier=supplier, supplier_id=str(number), region="", city="")])
    file = io.StringIO(text.decode() if isinstance(text, bytes) else text)
    offers = [feed_checks.check(line) for line in feed.lines(file)]
    return str(loading.load(offers, rejected=[], request=loading.ImportRequest(**options)))


def test_of_two_imports_one_waits_even_of_another_suppliers_numbers():
    with transaction.atomic():
        first = load(1, "alpha")
        late = Beside(lambda: load(2, "omega"))
        wait_until_it_waits(late)
    assert {first, late.result()} == {"added 1, updated 0, unchanged 0, withdrawn 0, rejected 0"}
    assert (Number.objects.count(), FeedImport.objects.count()) == (2, 2)


def test_a_number_that_is_sold_while_the_feed_takes_it_off_stays_sold():
    load(1, "alpha")
    sold = make_number("+17025559999", supplier="alpha")
    with transaction.atomic():
        Number.objects.filter(pk=sold.pk).update(status="leased")
        late = Beside(lambda: load(1, "alpha", withdraw_missing=True, force=True))
        wait_until_it_waits(late)
    assert late.result() == "added 0, updated 0, unchanged 1, withdrawn 0, rejected 0"
    sold.refresh_from_db()
    assert sold.status == "leased"


def test_a_repair_of_places_waits_for_nobody():
    busy, _ = (make_number(city="LAS VEGAS", region="Nevada") for _ in range(2))
    with transaction.atomic():
        Number.objects.select_for_update().get(pk=busy.pk)
        assert Beside(places.repair).result(5) == 1
    assert places.repair() == 1, "what was left over"
    assert set(Number.objects.values_list("city", flat=True)) == {"Las Vegas"}


def test_of_two_counts_the_second_replaces_the_first():
    make_number()
    with transaction.atomic():
        stats.refresh()
        late = Beside(stats.refresh)
        wait_until_it_waits(late)
    assert late.result() is None
    assert NumberStat.objects.get().count == 1


def test_regulations_of_a_file_wait_for_whoever_is_saving_one():
    def load(country):
        rule = {"countries": [country], "holders": ["business"], "valid_from": "2026-01-01", "requirements": []}
        return str(importing.load(json.dumps({"regulations": [rule]})))

    with transaction.atomic():
        load("DE")
        late = Beside(lambda: load("AT"))
        wait_until_it_waits(late)
    assert late.result() == "added regulations 1"
