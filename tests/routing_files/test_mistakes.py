"""Mistakes in a table of routing: each with its line, its column, and the words of the panel."""

import pytest

from numbers.routing_files import importing
from projects.actor import SYSTEM
from projects.app_users import services as app_users
from tests.routing_files.conftest import report
from tests.support.app_users import add_app_user
from tests.support.leases import NOW, make_lease
from tests.support.refusals import refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_broker")]
HEAD = "number,calls_to,target"


def test_every_mistake_is_named_with_its_line_and_nothing_can_be_applied(project, leases, checked):
    app_users.deactivate(app_user=add_app_user(project, "gone").app_user, by=SYSTEM, now=NOW)
    make_lease("+12125550109")
    make_lease("+12125550108", project=project, voice=False)
    record = checked(
        f"{HEAD},ring_seconds,if_nobody_answers,second_target,caller_id,blocked_callers",
        "+12125550109,default,,,,,,",
        "+12125550199,default,,,,,,",
        "1.21256E+10,default,,,,,,",
        "hello,default,,,,,,",
        "+12125550108,pstn,+442079460018,,,,,",
        "+12125550100,users,nobody,4 s,fax,,me,x",
        "+12125550100,default,,,,,,",
        "+12125550101,pstn,+44900,,pstn,,,",
        "+12125550102,sip,10.0.0.1:5060,,end,+442079460018,caller,",
    )
    words = [
        (2, "+12125550109", "number: This project does not hold this number."),
        (3, "+12125550199", "number: This project does not hold this number."),
        (4, "1.21256E+10", "number: A spreadsheet has shortened this number."),
        (5, "hello", "number: Enter the number with + and country code."),
        (6, "+12125550108", "This number is for SMS only; it cannot receive calls."),
        (7, "+12125550100", "target: There is no app user “nobody” in this project."),
        (7, "+12125550100", "ring_seconds: The ring time is a whole number of seconds."),
        (7, "+12125550100", "caller_id: “me” is none of number or caller."),
        (7, "+12125550100", "if_nobody_answers: “fax” is none of pstn, sip or end."),
        (7, "+12125550100", "blocked_callers: Enter a phone number with + and country code"),
        (8, "+12125550100", "number: Line 7 has the same number."),
        (9, "+12125550101", "target: No such phone number can exist."),
        (9, "+12125550101", "second_target: Enter the number to forward calls to, with + and country code."),
        (10, "+12125550102", "target: 10.0.0.1 is not an address in the public internet."),
        (10, "+12125550102", "second_target: With “end” there is no second target: the call ends."),
    ]
    found = report(record)
    assert [row[:2] for row in found] == [row[:2] for row in words]
    assert all(row[2].startswith(wanted[2]) for row, wanted in zip(found, words, strict=True)), found
    assert record.failed == 15
    refused("routing_import_not_applicable", importing.apply, record=record, by=SYSTEM)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (",+442079460018", "calls_to: Say what the target is: users, pstn or sip."),
        ("default,anna", "target: With “default” there is no target: the call follows the project's setting."),
        ("users,", "target: Name the app users who ring, with a space between them."),
        ("users,gone", "target: gone is deactivated and cannot receive calls."),
        ("pstn,", "target: Enter the number to forward calls to, with + and country code."),
        ("sip,", "target: Enter the SIP server, for example 203.0.113.9:5060."),
        ("sip,203.0.113.9:x", "target: A port is a number from 1 to 65535; SIP servers mostly use 5060."),
        ("sip,203.0.113.9;transport=sctp", "target: Choose UDP, TCP or TLS."),
        ("pstn,+12125550100", "This would forward calls back to this number; they would never be answered."),
        ("fax,1", "calls_to: “fax” is none of users, pstn, sip or default."),
    ],
)
def test_a_mistake_in_words(project, checked, cells, words):
    app_users.deactivate(app_user=add_app_user(project, "gone").app_user, by=SYSTEM, now=NOW)
    assert [row[2] for row in report(checked(HEAD, f"+12125550100,{cells}"))] == [words]
