"""Staff see parked call records, filter them and resolve them with a note, which is in the admin site's history."""

import pytest
from django.contrib.admin.models import LogEntry

from numbers.models import ParkedCallRecord
from tests.calls.records import AT
from tests.support.leases import DID
from tests.support.people import make_staff, sign_in, staff_client
from tests.support.queries import query_count

pytestmark = pytest.mark.django_db
AT_LIST = "/admin/numbers/parkedcallrecord/"
Reason = ParkedCallRecord.Reason


def park(cdr_id="odd-1", **values):
    usual = {"switch_id": "sw1", "batch_id": "b1", "reason": Reason.TOO_LONG, "did": DID, "start_time": AT}
    return ParkedCallRecord.objects.create(**usual | {"cdr_id": cdr_id, "record": {"did": DID, "x": "<b>"}} | values)


def page_of(record):
    return f"{AT_LIST}{record.pk}/change/"


@pytest.mark.parametrize("team", ["Provisioning", "Billing"])
def test_a_team_sees_and_resolves_them(team):
    user = make_staff(team)
    client, record = sign_in(staff_client(team), user), park()
    text = client.get(AT_LIST).content.decode()
    assert "Longer than 12 hours" in text
    page = client.get(page_of(record)).content.decode()
    assert "&quot;x&quot;: &quot;&lt;b&gt;&quot;" in page
    client.post(page_of(record), {"note": "The switch hung; told its team."})
    record.refresh_from_db()
    assert (record.note, record.resolved_by) == ("The switch hung; told its team.", user.email)
    assert record.resolved_at is not None
    entry = LogEntry.objects.get()
    assert (entry.user, entry.get_change_message()) == (user, "Resolved: The switch hung; told its team.")


def test_a_note_is_needed_and_nothing_else_can_be_changed(superuser):
    client, record = sign_in(staff_client(), superuser), park()
    refused = client.post(page_of(record), {"note": " "})
    assert refused.status_code == 422
    client.post(page_of(record), {"note": "ok", "did": "+1", "reason": "too_old", "record": "{}"})
    record.refresh_from_db()
    assert (record.did, record.reason, record.record["did"]) == (DID, Reason.TOO_LONG, DID)


def test_the_first_note_stays(superuser):
    client, record = sign_in(staff_client(), superuser), park()
    client.post(page_of(record), {"note": "first"})
    client.post(page_of(record), {"note": "second"})
    record.refresh_from_db()
    assert record.note == "first"
    assert "first" in client.get(page_of(record)).content.decode()
    assert client.get(f"{AT_LIST}add/").status_code == 403
    assert client.get(f"{AT_LIST}{record.pk}/delete/").status_code == 403


def test_filters(superuser):
    client = sign_in(staff_client(), superuser)
    park("long"), park("old", reason=Reason.TOO_OLD)
    done = park("done", resolved_at=AT, resolved_by="x@y.example", note="n")
    text = client.get(AT_LIST, {"reason": "too_old"}).content.decode()
    assert ">old<" in text
    assert ">long<" not in text
    text = client.get(AT_LIST, {"resolved_at__isempty": "1"}).content.decode()
    assert ">long<" in text
    assert f">{done.cdr_id}<" not in text
    assert query_count(client, AT_LIST) <= 10


def test_who_may_look_only_cannot_resolve():
    client, record = staff_client(), park()
    assert client.get(AT_LIST).status_code == 403
    assert client.post(page_of(record), {"note": "x"}).status_code == 403
