"""What is written into the table is what is read from it."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from numbers.routing.models import RING_SECONDS
from numbers.routing.route_settings import RouteSettings, SecondStep, SipServer
from numbers.routing_files.columns import COLUMNS, cells_of, settings_of
from numbers.routing_files.reading import MOST_BYTES, MOST_ROWS, Row, read
from portal.core import spreadsheet
from projects.app_users.models import SIGNS
from tests.support.refusals import refused

NUMBER = "+12125550100"
usernames = st.lists(
    st.text("ab9" + SIGNS, min_size=1, max_size=12).filter(lambda name: any(each.isalnum() for each in name)),
    min_size=1,
    max_size=4,
    unique=True,
)
phones = st.sampled_from(["+442079460018", "+493012345678", "+12125550199"])
servers = st.builds(
    SipServer,
    st.sampled_from(["203.0.113.9", "2001:db8::7", "sip.example.com"]),
    st.integers(1, 65535),
    st.sampled_from(["udp", "tcp", "tls"]),
)
steps = st.one_of(st.just(SecondStep()), st.builds(SecondStep, pstn=phones), st.builds(SecondStep, sip=servers))
rest = {
    "ring_seconds": st.integers(5, 120),
    "caller_id": st.sampled_from(["did", "caller"]),
    "fallback": steps,
    "blocked": st.lists(st.sampled_from(["+442079460018", "+4420*", "+1*", "anonymous"]), unique=True).map(tuple),
}
settings = st.one_of(
    st.builds(RouteSettings, kind=st.just("pstn"), pstn=phones, **rest),
    st.builds(RouteSettings, kind=st.just("sip"), sip=servers, **rest),
    st.builds(RouteSettings, **rest),
)


def through_a_file(set_, names, before):
    row = cells_of(NUMBER, "=cmd", set_, names)
    data = "".join(spreadsheet.lines([COLUMNS, row])).encode()
    [read_back] = read(data)
    assert read_back.number == NUMBER
    return settings_of(read_back.cells, before, {name: (pk, True) for pk, name in names.items()})


@pytest.mark.django_db  # which ranges are barred
@hypothesis_settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(set_=settings)
def test_what_is_exported_is_imported(set_):
    assert through_a_file(set_, {}, RouteSettings(ring_seconds=99, blocked=("+7*",))) == (set_, [])


@hypothesis_settings(max_examples=200)
@given(names=usernames)
def test_usernames_of_all_signs(names):
    people = dict(enumerate(names, start=1))
    set_ = RouteSettings(kind="users", users=tuple(people))
    assert through_a_file(set_, people, RouteSettings()) == (set_, [])


def test_what_is_kept_for_other_kinds_stays():
    kept = RouteSettings(kind="sip", pstn="+442079460018", sip=SipServer("203.0.113.9", 5060))
    assert through_a_file(kept, {}, kept) == (kept, [])
    cleared, errors = settings_of({"calls_to": "default"}, kept, {})
    assert (cleared, errors) == (replace(kept, kind="", sip=None), [])


@pytest.mark.parametrize(
    "target",
    [
        "203.0.113.9",
        "203.0.113.9:5060",
        "203.0.113.9;transport=udp",
        " 203.0.113.9:5060 ; TRANSPORT=UDP",
        "203.0.113.9:5060;udp",
    ],
)
def test_ways_to_write_a_server(target):
    after, errors = settings_of({"calls_to": "sip", "target": target}, RouteSettings(), {})
    assert (after.sip, errors) == (SipServer("203.0.113.9", 5060), [])


@pytest.mark.parametrize("target", ["anna ben", "anna, ben", "Anna;  BEN,", "anna\nben"])
def test_ways_to_write_users(target):
    after, errors = settings_of({"calls_to": "App Users", "target": target}, RouteSettings(), PEOPLE)
    assert (after.users, errors) == ((1, 2), [])


PEOPLE = {"anna": (1, True), "ben": (2, True)}


def test_a_cell_of_the_wrong_type_is_one_message():
    cells = {"ring_seconds": "99999999999", "target": "x" * 9999}
    after, errors = settings_of(cells, RouteSettings(), {})
    assert [each.column for each in errors] == ["calls_to", "ring_seconds"]
    assert after.ring_seconds == RING_SECONDS


@pytest.mark.parametrize(
    "text",
    [
        "number,calls_to,target\n+12125550100,pstn,+442079460018",
        "sep=;\nNumber;Calls to;Target\n+12125550100;pstn;+442079460018",
        "friendly_name\tDID\tcalls go to\ttarget\nDesk\t+12125550100\tpstn\t+442079460018",
        "\n\nE.164,Option,TARGET,other\n'+12125550100,pstn,'+442079460018,z\n,,\n",
    ],
)
def test_tables_as_programs_write_them(text):
    [row] = read(text.encode("utf-16"))
    assert row == Row(row.line, NUMBER, {"calls_to": "pstn", "target": "+442079460018"})


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The file has no rows."),
        (b"number,calls_to\n", "The file has no rows."),
        (b"a,b\n1,2", "The first line has to name the columns"),
        (b"number,b\n1,2", "Besides “number” the file has none of the columns"),
        (b'number,target\n1,"2', "Line 2 cannot be read"),
        (b"PK\x03\x04", "This is an Excel workbook."),
        (b"number,target\n\0", "This is not a text file."),
    ],
)
def test_what_is_no_table(data, words):
    error = refused("routing_file_invalid", read, data)
    assert error.message.startswith(words)
    assert error.field == "file"


def test_how_large_it_may_be():
    rows = "number,target\n" + "+12125550100,\n" * MOST_ROWS
    assert len(read(rows.encode())) == MOST_ROWS
    refused("routing_file_too_large", read, (rows + "+12125550100,\n").encode())
    refused("routing_file_too_large", read, b"x" * (MOST_BYTES + 1))
