"""Purchased Numbers: pages and queries of a filtered list, and its export."""

import csv
import io
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from numbers.console.purchased import export, listing
from numbers.leases import releasing, services
from numbers.models import CallRoute
from portal.core.spreadsheet import plain
from projects.actor import SYSTEM
from tests.leases.data import NOW, buy, release, unpaid
from tests.leases.stock import url
from tests.support.leases import fresh
from tests.support.messaging import set_messaging_url
from tests.support.pages import flat, text
from tests.support.people import sign_in
from tests.support.queries import query_count

pytestmark = pytest.mark.django_db


# -- pages ------------------------------------------------------------------------------------------------------


def test_filters_are_kept_by_pages_and_export(customer, project, monkeypatch):
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    for n in range(5):
        lease = buy(project, f"+1212555010{n}")
        services.set_tags(lease=lease, tags=["a&b", "x"], by=SYSTEM, now=NOW)
    buy(project, "+13105550100")
    query, seen = {"q": "212 5", "tag": "a&b", "capability": "sms"}, []
    page = customer.get(url(project), query)
    while True:
        html = flat(page.content.decode())
        seen += re.findall(r'<tr id="lease-\d+".*?class="phone-number"[^>]*>([^<]+)', html, re.DOTALL)
        following = re.search(r'rel="next" href="([^"]+)"', html)
        if following is None:
            break
        page = customer.get(following[1].replace("&amp;", "&"))
    assert seen == [f"+1 212-555-010{n}" for n in (4, 3, 2, 1, 0)]
    link = re.search(r'href="([^"]+export\.csv[^"]*)"', html)[1].replace("&amp;", "&")
    assert len(rows(customer.get(link))) == 6
    assert re.search(r'href="([^"]+)">[^<]*<svg.*?First page', html, re.DOTALL)


@pytest.mark.parametrize(("name", "most"), [("purchased", 12), ("purchased_csv", 7)])
def test_as_many_queries_for_many_numbers_as_for_few(customer, project, stock, name, most):
    customer.get("/projects/")
    query = {"q": "2", "tag": "support", "country": "US", "capability": "voice", "type": "did"}
    few = query_count(customer, url(project, name)), query_count(customer, url(project, name), query)
    assert max(few) <= most
    for n in range(20):
        lease = buy(project)
        services.set_tags(lease=lease, tags=["support", f"tag{n}"], by=SYSTEM, now=NOW)
        CallRoute.objects.create(lease=lease, kind="pstn", pstn_target="+442079460018")
        set_messaging_url(lease, f"https://example.com:443/{n}")
    assert (query_count(customer, url(project, name)), query_count(customer, url(project, name), query)) <= few


def test_the_live_list_asks_for_less_than_the_page(customer, project, stock):
    customer.get("/projects/")
    with CaptureQueriesContext(connection) as asked:
        customer.get(url(project), {"q": "2"}, headers={"HX-Request": "true", "HX-Target": "purchased-list"})
    assert sum("SAVEPOINT" not in one["sql"] for one in asked) <= 8


def test_the_page_of_a_number_asks_a_bounded_number_of_queries(customer, project, stock):
    address = reverse("numbers:lease", args=[project.pid, stock["ny"].pk])
    customer.get("/projects/")
    few = query_count(customer, address)
    assert few <= 13
    for _ in range(10):
        services.add_tag(lease=stock["ny"], tag="x", by=SYSTEM, now=NOW)
        services.remove_tag(lease=stock["ny"], tag="x", by=SYSTEM, now=NOW)
    assert query_count(customer, address) <= few


# -- export -----------------------------------------------------------------------------------------------------


def rows(page):
    return list(csv.reader(io.StringIO(b"".join(page.streaming_content).decode("utf-8-sig"))))


def test_export_has_every_column_of_every_number(customer, project, stock, owner):
    releasing.set_lock(lease=stock["london"], locked=True, by=SYSTEM, now=NOW)
    set_messaging_url(stock["london"], "https://example.com:443/sms", method="GET")
    page = customer.get(url(project, "purchased_csv"))
    assert page["Content-Type"] == "text/csv; charset=utf-8"
    assert page["Content-Disposition"] == f'attachment; filename="numbers-{project.pid}.csv"'
    head, *lines = rows(page)
    assert head == export.HEADER
    assert [line[0] for line in lines] == ["+18005550101", "+4930901820", "+442079460100", "+12125550101"]
    assert dict(zip(head, lines[2], strict=True)) == {
        "Number": "+442079460100",
        "Friendly name": "",
        "Tags": "support",
        "Country": "GB",
        "Region": "England",
        "City": "London",
        "Type": "DID",
        "Voice": "yes",
        "SMS": "yes",
        "Status": "Active",
        "Setup price": "1.000000",
        "Monthly price": "2.000000",
        "Currency": "USD",
        "Since": "2026-11-10",
        "Paid through": "2026-12-09",
        "Next charge": "2026-12-10",
        "Ends on": "",
        "Released on": "",
        "Calls go to": "+442079460018",
        "Kind": "PSTN",
        "Messages go to": "https://example.com:443/sms",
        "Method": "GET",
        "Locked": "yes",
        "Bought by": "system",
    }
    can = {line[0]: (line[head.index("Voice")], line[head.index("SMS")]) for line in lines}
    assert (can["+4930901820"], can["+18005550101"]) == (("no", "yes"), ("yes", "no"))


def test_export_says_how_each_number_stands(customer, project, stock):
    release(stock["ny"], at_period_end=True)
    release(stock["london"])
    unpaid(stock["free"], "suspended")
    line = dict(zip(*rows(customer.get(url(project, "purchased_csv"), {"type": "tollfree"})), strict=True))
    assert (line["Status"], line["Next charge"]) == ("Suspended", "")
    line = dict(zip(*rows(customer.get(url(project, "purchased_csv"), {"status": "ending"})), strict=True))
    assert (line["Ends on"], line["Next charge"], line["Status"]) == ("2026-12-10", "", "Active")
    line = dict(zip(*rows(customer.get(url(project, "purchased_csv"), {"status": "released"})), strict=True))
    assert (line["Released on"], line["Next charge"], line["Calls go to"]) == ("2026-11-10", "", "")


def test_export_keeps_the_filters(customer, project, stock):
    lines = rows(customer.get(url(project, "purchased_csv"), {"tag": "support", "country": "GB"}))
    assert [line[0] for line in lines] == ["Number", "+442079460100"]


@pytest.mark.parametrize("typed", ["=1+1", "+1", "-2+3", "@SUM(A1)", '=HYPERLINK("http://x")'])
def test_what_people_typed_is_text_to_a_spreadsheet(customer, project, typed):
    lease = buy(project, "+12125550101", city=typed, region=typed)
    services.rename_lease(lease=lease, name=typed, by=SYSTEM, now=NOW)
    services.set_tags(lease=lease, tags=[typed.replace(",", "")], by=SYSTEM, now=NOW)
    _, line = rows(customer.get(url(project, "purchased_csv")))
    risky = [cell for cell in line if cell[:1] in "=+-@" and cell and not re.fullmatch(r"\+\d+", cell)]
    assert risky == []
    assert line[1] == line[4] == line[5] == plain(typed)


def test_export_survives_quotes_commas_and_other_alphabets(customer, project):
    lease = buy(project, "+12125550101")
    services.rename_lease(lease=lease, name='Say "hi", 電話; Ü', by=SYSTEM, now=NOW)
    assert rows(customer.get(url(project, "purchased_csv")))[1][1] == 'Say "hi", 電話; Ü'


def test_export_of_nothing_has_a_header(customer, project):
    assert rows(customer.get(url(project, "purchased_csv"))) == [export.HEADER]


def test_export_is_for_members(client, project, stock, reader, stranger):
    assert len(rows(sign_in(client, reader).get(url(project, "purchased_csv")))) == 5
    assert sign_in(client, stranger).get(url(project, "purchased_csv")).status_code == 404


def test_a_number_of_an_archived_project_can_be_released_and_nothing_else(customer, project, stock):
    lease = fresh(stock["ny"])
    project.status = "archived"
    project.save()
    page = customer.get(reverse("numbers:lease", args=[project.pid, lease.pk]))
    assert "Save tags" not in text(page)
    assert "Release…" in text(page)
