"""Calls of a project: the list with its filters, one call, the download."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from numbers.calls import queries
from numbers.leases import list_export
from numbers.models import CallRecord, Lease, Number
from portal.core import monthly_list
from tests.calls.records import AT, make_record
from tests.support.leases import DID, make_lease
from tests.support.people import browser_of
from tests.support.purchases import purchase_number
from tests.support.queries import query_count

pytestmark = pytest.mark.django_db
OTHER = "+12125550102"
Status, Direction = CallRecord.Status, CallRecord.Direction


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(AT + timedelta(hours=1), tick=False):
        yield


@pytest.fixture
def lease(project):
    return make_lease(project=project)


def calls(client, project, **query):
    page = client.get(reverse("numbers:calls", args=[project.pid]), query)
    assert page.status_code == 200
    return page


def shown(page):
    return [call.cdr_id for call in page.context["page"].rows]


def test_the_list_is_of_the_project_and_newest_first(customer, project, lease):
    for number, minutes in enumerate([0, 2, 1]):
        make_record(lease, cdr_id=f"c{number}", start_time=AT + timedelta(minutes=minutes))
    make_record(make_lease(OTHER), cdr_id="strange")
    make_record(cdr_id="nobody's")
    page = calls(customer, project)
    assert shown(page) == ["c1", "c2", "c0"]
    text = page.content.decode()
    assert "+44 20 7946 0018" in text
    assert "+1 212-555-0101" in text
    assert "0:20" in text


def test_a_stranger_sees_nothing_of_it(project, lease, stranger, reader):
    record = make_record(lease)
    address = reverse("numbers:call", args=[project.pid, record.started, record.id])
    assert browser_of(reader).get(address).status_code == 200
    theirs = browser_of(stranger)
    assert theirs.get(address).status_code == 404
    assert theirs.get(reverse("numbers:calls_csv", args=[project.pid])).status_code == 404


def test_without_times_the_last_30_days_are_listed(customer, project, lease):
    make_record(lease, cdr_id="old", start_time=AT - timedelta(days=30))
    make_record(lease, cdr_id="young", start_time=AT - timedelta(days=29))
    assert shown(calls(customer, project)) == ["young"]
    assert shown(calls(customer, project, since="2026-10-01T00:00")) == ["young", "old"]
    assert shown(calls(customer, project, until="2026-10-21")) == ["old"]
    assert "No calls match" in calls(customer, project, until="2026-01-01").content.decode()


def test_an_empty_list_says_so(customer, project):
    assert "No calls in the last 30 days" in calls(customer, project).content.decode()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"number": DID}, ["in", "out", "busy"]),
        ({"number": "1 (212) 555-0101"}, ["in", "out", "busy"]),
        ({"number": "+442079469999"}, []),
        ({"direction": "out"}, ["out"]),
        ({"status": "busy"}, ["busy"]),
        ({"q": "7946 0018"}, ["in", "other"]),
        ({"q": "+44 20"}, ["in", "other"]),
        ({"q": "0044"}, ["in", "other"]),
        ({"q": "ANONY"}, ["busy"]),
        ({"q": "%"}, []),
        ({"q": "desk"}, ["out"]),
        ({"number": DID, "status": "answered", "direction": "in"}, ["in"]),
        ({"since": "2026-11-20T12:31", "until": "2026-11-20T12:33"}, ["out", "busy"]),
        ({"since": "2026-11-20", "until": "2026-11-20"}, ["in", "out", "busy", "other"]),
    ],
)
def test_filters(query, expected, customer, project, lease):
    other = make_lease(OTHER, project)
    rows = {
        "in": (lease, {}),
        "out": (lease, {"direction": Direction.OUT, "target": "Desk-7", "caller": "+12125550109"}),
        "busy": (lease, {"status": Status.BUSY, "caller": "anonymous"}),
        "other": (other, {}),
    }
    for minute, (name, (held_by, values)) in enumerate(rows.items()):
        make_record(held_by, cdr_id=name, start_time=AT + timedelta(minutes=minute), **values)
    assert sorted(shown(calls(customer, project, **query))) == sorted(expected)


def test_a_number_that_was_bought_twice_shows_both_times_in_one_order(customer, project, lease):
    make_record(lease, cdr_id="first", start_time=AT - timedelta(days=2))
    Lease.objects.filter(pk=lease.pk).update(status=Lease.Status.RELEASED, ended_at=AT)
    Number.objects.filter(e164=DID).update(status=Number.Status.AVAILABLE)
    again = purchase_number(project, DID, now=AT)
    make_record(again, cdr_id="second")
    make_record(lease, cdr_id="zeroth", start_time=AT - timedelta(days=3))
    assert shown(calls(customer, project, number=DID)) == ["second", "first", "zeroth"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"number": "12"}, "Enter a whole number"),
        ({"direction": "up"}, "Select a valid choice"),
        ({"status": "gone"}, "Select a valid choice"),
        ({"since": "yesterday"}, "Enter a date and a time"),
        ({"since": "0001-01-01T00:00"}, "between the years"),
        ({"until": "9999-12-31"}, "between the years"),
        ({"since": "2026-11-20T12:00", "until": "2026-11-20T12:00"}, "not after the first time"),
        ({"q": "x" * 65}, "at most 64 characters"),
    ],
)
def test_a_filter_that_cannot_be_used_is_named_and_kept(query, words, customer, project):
    page = customer.get(reverse("numbers:calls", args=[project.pid]), query)
    assert page.status_code == 422
    assert words in page.content.decode()
    assert page.context["form"].data.dict() == query
    led = customer.get(reverse("numbers:calls_csv", args=[project.pid]), query)
    assert led.status_code == 302


# -- pages of the list ---------------------------------------------------------------------------------------------


def test_the_list_pages_across_months_and_same_times(customer, project, lease):
    for number in range(120):
        make_record(lease, cdr_id=str(number), start_time=AT - timedelta(days=number // 4 * 0.9))
    seen, query = [], {}
    for expected in (50, 50, 20):
        page = calls(customer, project, **query)
        assert len(shown(page)) == expected
        seen += shown(page)
        following = page.context["next_url"]
        query = {"before": following.partition("before=")[2]}
    assert not following
    assert sorted(seen, key=int) == [str(number) for number in range(120)]


@pytest.mark.parametrize("before", ["x", "-", "1-", "1-99999999999999999999", "9" * 30 + "-1", "١-١"])
def test_a_page_that_is_none_is_the_first(before, customer, project, lease):
    make_record(lease)
    assert len(shown(calls(customer, project, before=before))) == 1


def test_a_rare_filter_looks_at_so_many_calls_and_goes_on_from_there(customer, project, lease, monkeypatch):
    """The number of calls is a constant; a test with 20,000 of them would show the same."""
    monkeypatch.setattr(monthly_list, "LOOKED_AT", 10)
    for number in range(25):
        make_record(lease, cdr_id=str(number), start_time=AT - timedelta(minutes=number))
    make_record(lease, cdr_id="rare", start_time=AT - timedelta(minutes=25), status=Status.BUSY)
    found, steps, before = [], 0, None
    while True:
        only = queries.CallFilter(AT - queries.USUAL, AT + timedelta(days=1), status=Status.BUSY)
        page = queries.page(project, only, before=before)
        found, steps, before = found + [call.cdr_id for call in page.rows], steps + 1, page.following
        if before is None:
            break
        assert page.searched_to == before.at
    assert (found, steps) == (["rare"], 3)
    text = customer.get(reverse("numbers:calls", args=[project.pid]), {"status": "busy"}).content.decode()
    assert "Searched back to 20 Nov 2026, 12:21 UTC." in text
    assert "Next page" in text


def test_pages_cost_few_queries(customer, project, lease):
    record = make_record(lease, call_id="x")
    at = reverse("numbers:calls", args=[project.pid])
    assert query_count(customer, at) <= 10
    assert query_count(customer, at, {"number": DID, "status": "busy", "q": "12"}) <= 10
    assert query_count(customer, reverse("numbers:call", args=[project.pid, record.started, record.id])) <= 10
    assert query_count(customer, reverse("numbers:calls_csv", args=[project.pid])) <= 10


# -- the download ----------------------------------------------------------------------------------------------------


def download(client, project, **query):
    answer = client.get(reverse("numbers:calls_csv", args=[project.pid]), query)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()


def test_the_table_has_what_the_filters_leave_and_runs_no_formula(customer, project, lease):
    make_record(lease, cdr_id="busy", status=Status.BUSY, duration=0, sip_code=486)
    make_record(lease, caller_name="=cmd()", target="a,b", attempt=2, answer_time=AT + timedelta(seconds=5))
    header, row, *rest = download(customer, project, status="answered")
    assert header.startswith("Time (UTC),Direction,From,")
    assert row == (
        f'2026-11-20 12:30:00,Incoming,+442079460018,\'=cmd(),{DID},"a,b",Answered,20.000000,'
        "2026-11-20 12:30:05,2026-11-20 12:30:25,,200,,,2,,,"
    )
    assert rest == []


def test_a_long_table_is_whole_and_one_that_is_too_long_says_so(customer, project, lease, monkeypatch):
    monkeypatch.setattr(list_export, "PAGE", 3)
    for number in range(8):
        make_record(lease, call_id=str(number), start_time=AT - timedelta(minutes=number))
    table = download(customer, project)
    assert [line.rpartition(",")[2] for line in table[1:]] == list("01234567")
    monkeypatch.setattr(list_export, "MOST_ROWS", 5)
    table = download(customer, project)
    assert [line.rpartition(",")[2] for line in table[1:-1]] == list("01234")
    assert table[-1].startswith("This table ends here. Choose a time before 2026-11-20 12:26:00 UTC")
