"""Number Settings, which numbers inherit them, and going back to a version."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from numbers.models import CallRoute, ProjectCallSettings
from numbers.routing import project_services, services, spend
from numbers.routing.route_settings import SipServer
from projects.actor import SYSTEM
from projects.services import archive_project
from tests.routing.test_pages import page as number_page
from tests.support.leases import NOW, make_lease
from tests.support.pages import text
from tests.support.people import sign_in
from tests.support.projects import add_member
from tests.support.queries import query_count
from tests.support.routes import set_ring_seconds

pytestmark = pytest.mark.django_db
WHO = {"by": SYSTEM, "now": NOW}
SERVER = {"sip_host": "203.0.113.9", "sip_port": "5060", "sip_transport": "udp"}
TARGET, OTHER = "+442079460018", "+442079460019"


@pytest.fixture
def me(client, lease):
    return sign_in(client, lease.project.created_by)


@pytest.fixture
def send(me, lease):
    def send(name, values=None, status=200):
        answer = me.post(reverse(f"numbers:{name}", args=[lease.project.pid]), values or {}, follow=True)
        assert answer.status_code == status, text(answer)
        return answer

    return send


def error(answer, field):
    return text_of(re.search(rf'id="{field}_error">(.*?)</div>\s*</div>', answer.content.decode(), re.S)[1])


def text_of(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def listed(me, lease, routing):
    answer = me.get(reverse("numbers:purchased", args=[lease.project.pid]), {"routing": routing})
    return re.findall(r'<tr id="lease-(\d+)"', answer.content.decode())


def test_a_trunk_takes_the_calls_of_numbers_without_a_setting(me, send, lease):
    own = make_lease("+12125550102", lease.project)
    make_lease("+12125550103", lease.project, voice=False)
    services.set_pstn(lease=own, target=TARGET, **WHO)
    assert (listed(me, lease, "inherited"), listed(me, lease, "unset")) == ([], [str(lease.pk)])
    answer = send("trunk", SERVER)
    assert "203.0.113.9:5060" in text(answer)
    assert "Now 1 number ." in text(answer)
    assert (listed(me, lease, "inherited"), listed(me, lease, "unset")) == ([str(lease.pk)], [])
    assert listed(me, lease, "set") == [str(own.pk)]
    assert "SIP trunk (project default)" in text(me.get(reverse("numbers:purchased", args=[lease.project.pid])))
    assert "The SIP trunk was deleted." in text(send("trunk_delete"))
    assert ProjectCallSettings.objects.get().trunk_host == ""


def test_what_is_refused_stands_beside_its_field(send):
    answer = send("trunk", SERVER | {"sip_host": "192.168.0.1", "sip_port": "5099"}, 422)
    assert "public internet" in error(answer, "trunk-sip_host")
    assert 'value="5099"' in answer.content.decode()
    assert re.search(r'<details class="routing-edit" open', answer.content.decode())
    answer = send("project_block", {"caller": "hello"}, 422)
    assert "Enter a phone number with +" in error(answer, "block-caller")
    answer = send("spend_cap", {"spend_cap": "1001"}, 422)
    assert "from 0 to 1,000.00 USD" in error(answer, "cap-spend_cap")
    for typed, words in (("-1", "0 or more"), ("1,000", "can mean"), ("0.00001", "4 decimals"), ("x", "like 50")):
        assert words in error(send("spend_cap", {"spend_cap": typed}, 422), "cap-spend_cap")
    given = {"which": "chosen", "countries": ["GB"], "dearest_price": "", "channels": ""}
    for values, field, words in (
        ({"countries": []}, "countries", "at least one country"),
        ({"countries": ["XX"]}, "countries", "from the list"),
        ({"which": ""}, "which", "Choose all countries"),
        ({"dearest_price": "11"}, "dearest_price", "from 0 to 10.00 USD"),
        ({"channels": "0"}, "channels", "from 1 to 100"),
        ({"channels": "many"}, "channels", "whole number"),
    ):
        assert words in error(send("forwarding", given | values, 422), f"forwarding-{field}")
    assert not ProjectCallSettings.objects.exists()


def test_limits_are_saved_and_emptied_again(send):
    values = {"which": "chosen", "countries": ["US", "GB"], "dearest_price": "0.015", "channels": "3"}
    answer = send("forwarding", values)
    assert "was saved" in text(answer)
    assert re.findall(r'<option value="(..)"[^>]* selected>', answer.content.decode()) == ["GB", "US"]
    answer = send("spend_cap", {"spend_cap": "20,50"})
    assert 'value="20.50"' in answer.content.decode()
    assert 'value="0.015"' in answer.content.decode()
    row = ProjectCallSettings.objects.get()
    assert (row.allowed_countries, row.dearest_price, row.channels) == (["GB", "US"], Decimal("0.015"), 3)
    assert row.spend_cap == Decimal("20.5")
    send("forwarding", {"which": "all", "countries": ["US"], "dearest_price": "", "channels": ""})
    send("spend_cap", {"spend_cap": ""})
    row.refresh_from_db()
    assert (row.allowed_countries, row.dearest_price, row.channels, row.spend_cap) == (None, None, None, None)


def test_what_was_spent_stands_beside_the_cap(me, lease):
    spend.add([(lease.project_id, timezone.now(), Decimal("12.5"))])
    words = text(me.get(reverse("numbers:number_settings", args=[lease.project.pid])))
    assert "Calls to phones cost 12.50 USD in the last 24 hours, of 100.00 USD." in words


def test_blocked_callers_of_the_project(send):
    assert "callers who hide their number" in text(send("project_block", {"caller": "anonymous"}))
    assert "No longer blocked" in text(send("project_unblock", {"entry": "anonymous"}))
    assert "was not blocked any more" in text(send("project_unblock", {"entry": "anonymous"}))


def test_going_back_to_a_version_of_a_number(me, lease, settings):
    services.set_pstn(lease=lease, target=TARGET, **WHO)
    services.set_pstn(lease=lease, target=OTHER, **WHO)
    words = text(me.get(number_page(lease)))
    assert "Version 2 Calls go to PSTN (+44 20 7946 0019) instead of PSTN (+44 20 7946 0018)." in words
    assert "20 Nov 2026, 12:00 UTC" in words
    back = reverse("numbers:route_restore", args=[lease.project.pid, lease.pk])
    words = text(me.post(back, {"version": "1"}, follow=True))
    assert "Went back to version 1. Calls go to PSTN (+44 20 7946 0018)" in words
    assert "Version 3 went back to version 1" in words
    assert "Nothing to change" in text(me.post(back, {"version": "1"}, follow=True))
    settings.ROUTE_BARRED_PREFIXES = [OTHER]
    words = text(me.post(back, {"version": "2"}, follow=True))
    assert "Version 2 cannot be set any more. Calls cannot be sent to" in words
    for nonsense in ("", "9", "x", "9" * 40, "-1"):
        assert "There is no such version." in text(me.post(back, {"version": nonsense}, follow=True))
    assert CallRoute.objects.get().pstn_target == TARGET


def test_going_back_to_a_version_of_the_project(me, send, lease):
    for port in (5060, 5061):
        project_services.set_trunk(project=lease.project, server=SipServer("203.0.113.9", port), **WHO)
    assert "Went back to version 1." in text(send("settings_restore", {"version": "1"}))
    assert ProjectCallSettings.objects.get().trunk_port == 5060


def test_versions_are_paged(me, lease):
    for n in range(12):
        set_ring_seconds(lease=lease, seconds=30 + n, **WHO)
    first = me.get(number_page(lease)).content.decode()
    assert first.count("<strong>Version ") == 10
    following = re.search(r'rel="next" href="([^"]+)"', first)[1]
    assert following.endswith("?versions_before=3#versions")
    second = me.get(following.partition("#")[0]).content.decode()
    assert re.findall(r"<strong>Version (\d+)", second) == ["2", "1"]
    for nonsense in ("x", "0", "9" * 40):
        assert me.get(f"{number_page(lease)}?versions_before={nonsense}").status_code == 200


def test_readers_and_archived_projects_see_and_change_nothing(client, send, lease):
    send("trunk", SERVER)
    archive_project(project=lease.project, typed_name=lease.project.name, by=SYSTEM)
    here = reverse("numbers:number_settings", args=[lease.project.pid])
    for form in ("Upload", "Save", "Block callers", "Delete", "Go back"):
        assert form not in text(client.get(here)).partition("Number Settings What holds")[2]
    answer = send("trunk", SERVER | {"sip_port": "5099"}, 409)
    assert "archived" in text(answer)
    assert "archived" in text(send("trunk_delete"))
    assert ProjectCallSettings.objects.get().trunk_port == 5060
    words = text(sign_in(client, add_member(lease.project)).get(here))
    assert "203.0.113.9:5060" in words


def test_the_page_costs_as_many_queries_for_many_numbers(me, lease):
    here = reverse("numbers:number_settings", args=[lease.project.pid])
    me.get("/projects/")
    few = query_count(me, here)
    assert few <= 10
    for n in range(10):
        make_lease(f"+121255502{n:02}", lease.project)
    assert query_count(me, here) <= few
