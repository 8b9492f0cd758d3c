"""The three options of the panel, what holds for all of them, and the price before anything is set."""

import re

import pytest

from numbers.models import CallRoute
from numbers.routing import project_services, services
from numbers.routing.route_settings import SecondStep, SipServer
from portal.core.errors import DomainError
from projects import suspension
from projects.actor import SYSTEM
from projects.app_users.services import deactivate
from projects.services import archive_project
from tests.routing.test_pages import HTMX, address, page
from tests.support.app_users import add_app_user
from tests.support.leases import NOW, make_lease
from tests.support.pages import text, words
from tests.support.people import sign_in
from tests.support.prices import set_price
from tests.support.projects import add_member, fund
from tests.support.queries import query_count
from tests.support.routes import set_fallback

pytestmark = pytest.mark.django_db
WHO = {"by": SYSTEM, "now": NOW}
LONDON = {"country_code": "GB", "pstn_number": "020 7946 0018"}
SERVER = {"sip_host": "203.0.113.9", "sip_port": "5060", "sip_transport": "udp"}


@pytest.fixture
def me(client, lease):
    fund(lease.project, "20")
    return sign_in(client, lease.project.created_by)


@pytest.fixture(params=["plain", "htmx"])
def send(request, me, lease):
    """``send(action, values)`` → the panel afterwards, read on the page that a plain form leads to, or in the swap."""

    def send(action, values=None, status=200):
        if request.param == "plain":
            answer = me.post(address(lease, action), values or {}, follow=True)
        else:
            answer = me.post(address(lease, action), values or {}, headers=HTMX)
            assert "<html" not in answer.content.decode()
        assert answer.status_code == status, text(answer)
        return answer.content.decode()

    return send


def panel_of(html):
    return words(html[html.index('class="card routing"') :].partition("</section>")[0].partition(">")[2])


def chosen(html):
    return re.search(r'name="option-\d+"[^>]*value="(\w+)"[^>]*\schecked', html)[1]


def test_users_one_after_the_other(send, lease):
    anna = add_app_user(lease.project, "anna", display_name="Anna <Winter>").app_user
    add_app_user(lease.project, "ben")
    html = send("users", {"username": " Anna "})
    assert "Calls now go to anna." in html
    assert "Anna &lt;Winter&gt;" in html
    html = send("users", {"username": "ben"})
    assert "Calls go to anna, ben" in panel_of(html)
    assert chosen(html) == "users"
    html = send("users/remove", {"user": anna.pk})
    assert "Calls now go to ben." in html
    assert "Calls go to ben" in panel_of(send("users/remove", {"user": anna.pk})), "another tab was faster"
    for nonsense in ("", "x", "9" * 30, "-1", "٣"):
        assert "Calls go to ben" in panel_of(send("users/remove", {"user": nonsense}))


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Enter the App Username/Login ID."),
        ("carl", "There is no app user “carl” in this project."),
        ("gone", "gone is deactivated and cannot receive calls."),
        ("an na", "contains no spaces"),
        ("x" * 400, "at most"),
        ("<b>", "cannot contain"),
    ],
)
def test_a_user_that_cannot_be_added(send, lease, typed, message):
    deactivate(app_user=add_app_user(lease.project, "gone").app_user, **WHO)
    html = send("users", {"username": typed}, 422)
    error = re.search(r'id="users-\d+-username_error">(.*?)</div>\s*</div>', html, re.S)[1]
    assert message in words(error).replace("&lt;", "<")
    assert f'value="{typed.strip()}"'.replace("<b>", "&lt;b&gt;") in html or not typed
    assert not CallRoute.objects.exists()


def test_deactivated_users_are_marked_and_said(send, lease):
    user = add_app_user(lease.project, "anna").app_user
    services.add_user(lease=lease, username="anna", **WHO)
    deactivate(app_user=user, **WHO)
    panel = panel_of(send("block", {"caller": "anonymous"}))
    assert "anna Deactivated" in panel
    assert "None of the Call Forward Users is active." in panel


def test_sip_server_set_kept_used_and_deleted(send):
    html = send("sip", SERVER)
    assert "Calls now go to 203.0.113.9:5060." in html
    send("pstn", LONDON)
    html = send("use", {"kind": "sip"})
    assert "Calls now go to 203.0.113.9:5060." in html
    assert chosen(html) == "sip"
    assert "Kept, not in use. Use this number" in panel_of(html)
    html = send("delete", {"kind": "pstn"})
    assert "Calls go to 203.0.113.9:5060" in panel_of(html)
    assert "Use this number" not in html
    html = send("delete", {"kind": "sip"})
    assert "Nothing is set: calls are not connected." in panel_of(html)
    assert send("use", {"kind": "sip"}).count("Nothing is set: calls are not connected.") >= 1
    send("use", {"kind": "nonsense"})


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"sip_host": ""}, "sip_host", "Enter the IP address or host name"),
        ({"sip_host": "10.0.0.1"}, "sip_host", "not an address in the public internet"),
        ({"sip_host": "sip:bob@example.com"}, "sip_host", "without sip:"),
        ({"sip_host": "x" * 400}, "sip_host", "at most 300"),
        ({"sip_port": "0"}, "sip_port", "from 1 to 65535"),
        ({"sip_port": "x"}, "sip_port", "from 1 to 65535"),
        ({"sip_port": "9" * 5000}, "sip_port", "from 1 to 65535"),
        ({"sip_port": ""}, "sip_port", "Enter the port"),
        ({"sip_transport": "sctp"}, "sip_transport", "Choose UDP, TCP or TLS."),
    ],
)
def test_a_server_that_is_refused(send, values, field, message):
    html = send("sip", SERVER | values, 422)
    assert message in re.search(rf'id="sip-\d+-{field}_error">(.*?)</div>', html, re.S)[1]
    assert "no longer" not in panel_of(html)
    assert chosen(html) == "sip"
    if field != "sip_host":
        assert 'value="203.0.113.9"' in html
    assert not CallRoute.objects.exists()


def test_if_nobody_answers_is_the_same_for_all_options(send, lease):
    html = send("no-answer", {"ring_seconds": "40", "step": "pstn", **LONDON})
    assert "If nobody answers within 40 seconds: +44 20 7946 0018." in html
    html = send("no-answer", {"ring_seconds": "40", "step": "sip", **SERVER, "pstn_number": "nonsense"})
    assert "If nobody answers within 40 seconds: 203.0.113.9:5060." in html
    route = CallRoute.objects.get()
    assert (route.ring_seconds, route.fallback_kind, route.version, route.kind) == (40, "sip", 2, "")
    send("no-answer", {"ring_seconds": "40", "step": ""})
    assert CallRoute.objects.get().fallback_kind == ""


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"ring_seconds": "4"}, "ring_seconds", "from 5 to 120"),
        ({"ring_seconds": "soon"}, "ring_seconds", "from 5 to 120"),
        ({"ring_seconds": ""}, "ring_seconds", "Enter the seconds"),
        ({"step": "fax"}, "step", "Choose what follows"),
        ({"step": "pstn", "pstn_number": "12"}, "pstn_number", "not a valid phone number"),
        ({"step": "pstn", "pstn_number": ""}, "pstn_number", "Enter the number"),
        ({"step": "sip", "sip_host": "127.0.0.1"}, "sip_host", "public internet"),
        ({"step": "sip", "sip_port": "0"}, "sip_port", "from 1 to 65535"),
    ],
)
def test_a_second_step_that_is_refused(send, values, field, message):
    html = send("no-answer", {"ring_seconds": "33", "step": "", **LONDON, **SERVER} | values, 422)
    assert message in re.search(rf'id="no-answer-\d+-{field}_error">(.*?)</div>', html, re.S)[1]
    assert re.search(r'<details[^>]*id="no-answer-\d+"[^>]*open', html)
    assert "020 7946 0018" in html or "pstn_number" in values
    assert not CallRoute.objects.exists()


def test_the_block_list(send):
    html = send("block", {"caller": "+44 20*"})
    assert "Blocked: numbers that begin with +4420." in html
    html = send("block", {"caller": "anonymous"})
    assert "Block callers who hide their number" not in html
    html = send("unblock", {"entry": "+4420*"})
    assert "No longer blocked: numbers that begin with +4420." in html
    assert "This caller was not blocked any more." in send("unblock", {"entry": "+4420*"})
    assert CallRoute.objects.get().blocked_callers == ["anonymous"]
    html = send("block", {"caller": "hello"}, 422)
    assert "Enter a phone number with +" in html
    assert 'value="hello"' in html


def test_the_original_caller_only_where_gateways_allow_it(send, settings):
    assert "Save caller ID" not in send("pstn", LONDON)
    send("caller-id", {"caller_id": "caller"}, 422)
    settings.PSTN_ORIGINAL_CALLER = True
    html = send("caller-id", {"caller_id": "caller"})
    assert "The called phone now shows: the original caller." in html
    send("caller-id", {"caller_id": "nobody"}, 422)
    assert CallRoute.objects.get().caller_id == "caller"


# -- prices -----------------------------------------------------------------------------------------------------


def price(me, lease, values=LONDON):
    answer = me.post(address(lease, "pstn/price"), values, headers=HTMX)
    assert answer.status_code == 200
    return text(answer)


def test_the_price_is_shown_before_anything_is_set(me, lease):
    assert price(me, lease) == (
        "There is no price for calls to the United Kingdom yet: they will not be connected. Please write to support."
    )
    set_price("GB")
    cost = "Calls to the United Kingdom cost 0.02 USD a minute, charged by the minute."
    assert price(me, lease) == cost
    for half_typed in ({"country_code": "GB", "pstn_number": "020"}, {"country_code": "", "pstn_number": ""}, {}):
        assert price(me, lease, half_typed) == ""
    answer = me.post(address(lease, "pstn/price"), LONDON)
    assert answer.status_code == 200
    assert cost in panel_of(answer.content.decode())
    assert 'value="020 7946 0018"' in answer.content.decode()
    assert me.post(address(lease, "pstn/price"), LONDON | {"pstn_number": "1"}).status_code == 422
    assert not CallRoute.objects.exists()


def test_limits_of_the_project_are_said_beside_the_price(me, lease):
    set_price("GB", "0.5")

    def limit(**values):
        project_services.change_settings(
            project=lease.project, change=lambda set_: type(set_)(**values), by=SYSTEM, now=NOW
        )

    limit(countries=("US",))
    assert price(me, lease).endswith("Your Number Settings do not allow calls to the United Kingdom.")
    limit(dearest_price=0)
    assert "at most 0.00 USD a minute: calls will not be connected." in price(me, lease)


# -- what always stands on top ----------------------------------------------------------------------------------


def test_the_setting_in_force_is_always_visible(me, lease):
    trunk = SipServer("203.0.113.9", 5060)
    project_services.set_trunk(project=lease.project, server=trunk, **WHO)
    assert "Project default: SIP trunk 203.0.113.9:5060" in panel_of(me.get(page(lease)).content.decode())
    services.set_pstn(lease=lease, target="+442079460018", **WHO)
    panel = panel_of(me.get(page(lease)).content.decode())
    assert "Calls go to +44 20 7946 0018" in panel
    assert "Calls are not connected. Calls to the United Kingdom have no price yet." in panel
    assert "PSTN In use" in panel
    answer = me.post(address(lease, "delete"), {"kind": "pstn"}, headers=HTMX)
    assert "Calls now follow the project default, SIP trunk 203.0.113.9:5060." in answer.content.decode()


def test_a_second_step_that_would_not_be_called_is_said(me, lease):
    services.set_sip(lease=lease, server=SipServer("203.0.113.9", 5060), **WHO)
    set_fallback(lease=lease, step=SecondStep(pstn="+442079460018"), **WHO)
    assert "If nobody answers, +44 20 7946 0018 is not called." in panel_of(me.get(page(lease)).content.decode())


def test_a_reader_sees_everything_and_changes_nothing(client, lease):
    add_app_user(lease.project, "anna")
    services.add_user(lease=lease, username="anna", **WHO)
    services.set_sip(lease=lease, server=SipServer("203.0.113.9", 5060), **WHO)
    services.block_caller(lease=lease, entry="anonymous", **WHO)
    html = sign_in(client, add_member(lease.project)).get(page(lease)).content.decode()
    panel = panel_of(html)
    for part in ("Calls go to 203.0.113.9:5060", "anna", "callers who hide their number"):
        assert part in panel
    for part in ("Add User", "Set Number", "Remove", "Delete", "Save", "Block callers", "Use these"):
        assert part not in panel


@pytest.mark.parametrize("status", ["archived", "suspended"])
def test_a_project_that_is_not_active_shows_no_forms_and_takes_none(me, lease, status):
    if status == "archived":
        archive_project(project=lease.project, typed_name=lease.project.name, by=SYSTEM)
    else:
        suspension.suspend(project=lease.project, reason="Unpaid invoices", by=SYSTEM, now=NOW)
    assert "Set Number" not in panel_of(me.get(page(lease)).content.decode())
    for action, values in (("pstn", LONDON), ("sip", SERVER), ("block", {"caller": "anonymous"})):
        assert me.post(address(lease, action), values).status_code == 422
        assert me.post(address(lease, action), values, headers=HTMX).status_code == 422
    for action in ("delete", "use", "users/remove", "unblock"):
        assert me.post(address(lease, action), {"user": "1"}).status_code in (302, 403, 409)
    assert not CallRoute.objects.exists()


def test_released_meanwhile(me, lease):
    gone = make_lease("+12125550105", lease.project, status="released")
    for action, values in (("pstn", LONDON), ("sip", SERVER), ("block", {"caller": "anonymous"})):
        answer = me.post(address(gone, action), values, headers=HTMX)
        assert answer.status_code == 422
        assert "already been released" in text(answer)
    with pytest.raises(DomainError):
        services.use(lease=gone, kind="sip", **WHO)


def test_another_tab_was_faster(me, lease):
    """The answer shows what stands now, also when what was sent is refused."""
    services.set_pstn(lease=lease, target="+442079460018", **WHO)
    answer = me.post(address(lease, "sip"), SERVER | {"sip_port": "0"}, headers=HTMX)
    assert "Calls go to +44 20 7946 0018" in panel_of(answer.content.decode())
    answer = me.post(address(lease, "block"), {"caller": "anonymous"}, headers=HTMX)
    assert "Calls go to +44 20 7946 0018" in panel_of(answer.content.decode())


def test_as_many_queries_with_many_users(me, lease, settings):
    me.get("/projects/")
    few = query_count(me, page(lease))
    assert few <= 10
    settings.USERS_PER_NUMBER = 30
    for n in range(20):
        add_app_user(lease.project, f"user{n}")
        services.add_user(lease=lease, username=f"user{n}", **WHO)
    assert query_count(me, page(lease)) <= few
