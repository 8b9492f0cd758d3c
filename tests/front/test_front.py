"""What the front answers by itself, what it hands on, and what it lets nobody claim."""

import json
import os
import signal
import socket
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from numbers.carrier import credentials
from portal.core.errors import DomainError
from portal.edge.machine import EDGES, problem
from sandbox import front
from tests.faults.workers import until
from tests.front.conftest import HASHED, alone

MEGABYTE = 1024 * 1024
DOCUMENTS = "/projects/pid_x/numbers/documents/upload/"


def ask(port, path, method="GET", body=None, headers=None):
    wire = HTTPConnection("127.0.0.1", port, timeout=30)
    with suppress(ConnectionError):  # who is refused early may still be sending; the answer is there all the same
        wire.request(method, path, body=body, headers=headers or {})
    answer = wire.getresponse()
    answer.content = answer.read()
    wire.close()
    return answer


def raw(port, request):
    """What is not HTTP, as it is."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as wire:
        wire.sendall(request)
        answer = HTTPResponse(wire)
        answer.begin()
        answer.content = answer.read()
    return answer


def words_of(path, code, status, message):
    """What the portal itself would say at this address."""
    edge = next((edge for edge in EDGES if edge.covers(path)), None)
    error = DomainError(code, message, status=status)
    return (edge.envelope if edge else problem)(error)


def says_little(answer):
    """Whose server it is, and what a browser may make of it."""
    kept = ("Server", "Cache-Control", "X-Content-Type-Options", "Referrer-Policy")
    return [answer.headers[name] for name in kept] == [None, "no-store", "nosniff", "no-referrer"]


PROGRAMS = ["/listnewnumbers", "/purchasenumber", "/api/callrouting", "/api/v1/anything", "/carrier/v1/routes/+1"]


class TestTooLarge:
    @pytest.mark.parametrize("path", PROGRAMS)
    def test_a_program_gets_the_portals_envelope(self, stand, path):
        answer = ask(stand.ports["front"], path, "POST", bytes(2 * MEGABYTE))
        expected = words_of(path, "too_large", 413, "The body of the request is too large.")
        assert answer.status == 413
        assert json.loads(answer.content) == json.loads(expected.content)
        assert answer.headers["Content-Type"] == expected["Content-Type"]
        assert says_little(answer)

    def test_a_person_gets_a_page_with_the_limit(self, stand):
        answer = ask(stand.ports["front"], DOCUMENTS, "POST", bytes(4 * MEGABYTE))
        page = answer.content.decode()
        assert answer.status == 413
        assert "A file can have at most 3 MB." in page
        assert "Acme Numbers" in page
        assert f"<code>{answer.headers['X-Request-ID']}</code>" in page
        assert "'unsafe" not in answer.headers["Content-Security-Policy"]
        assert says_little(answer)

    def test_what_does_not_look_like_an_id_is_not_on_the_page(self, stand):
        answer = ask(stand.ports["front"], DOCUMENTS, "POST", bytes(4 * MEGABYTE), {"X-Request-ID": "<b>12345678</b>"})
        assert answer.status == 413
        assert "<b>" not in answer.content.decode()
        assert len(answer.headers["X-Request-ID"]) == 36

    def test_a_script_of_ours_gets_the_words_as_json(self, stand):
        answer = ask(stand.ports["front"], DOCUMENTS, "POST", bytes(4 * MEGABYTE), {"Accept": "application/json"})
        assert answer.status == 413
        assert "too large" in json.loads(answer.content)["message"]

    def test_a_document_and_its_form_fit_and_large_bodies_do_not_elsewhere(self, stand):
        whole = bytes(3 * MEGABYTE + 900_000)
        assert ask(stand.ports["front"], DOCUMENTS, "POST", whole).status != 413
        assert ask(stand.ports["front"], "/accounts/login/", "POST", whole).status == 413


BROKEN = {
    "a chunk without a length": b"zz\r\na=b\r\n0\r\n\r\n",
    "a chunk that is longer than it says": b"2\r\na=b\r\n0\r\n\r\n",
    "an endless chunk extension": b"3;" + b"e" * 20_000 + b"\r\na=b\r\n0\r\n\r\n",
    "endless trailers": b"0\r\n" + b"X: y\r\n" * 3_000 + b"\r\n",
}


class TestBrokenBody:
    """Whoever sends it hears that it cannot be read, not that the service is away.

    Where only GET is served the worker may have refused the method before the front meets the fault: not asked here.
    """

    @pytest.mark.parametrize("body", BROKEN.values(), ids=list(BROKEN))
    @pytest.mark.parametrize("path", ["/purchasenumber", "/api/callrouting", "/api/v1/anything", "/accounts/login/"])
    def test_is_a_bad_request(self, stand, path, body):
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
        answer = raw(stand.ports["front"], head + body)
        assert answer.status == 400
        assert "Retry-After" not in answer.headers
        if path in PROGRAMS:
            expected = words_of(path, "bad_request", 400, "The request could not be read.")
            assert json.loads(answer.content) == json.loads(expected.content)
        else:
            assert "We could not read this request" in answer.content.decode()
            assert f"<code>{answer.headers['X-Request-ID']}</code>" in answer.content.decode()
        assert says_little(answer)


def test_headers_without_end_are_not_read(lonely_front):
    assert ask(lonely_front, "/", headers={"X-Long": "x" * 40_000}).status == 431


class TestNobodyBehind:
    @pytest.mark.parametrize("path", PROGRAMS)
    def test_a_program_gets_the_portals_envelope(self, lonely_front, path):
        answer = ask(lonely_front, path)
        expected = words_of(path, "unavailable", 503, "The service is busy or being restarted. Try again.")
        assert answer.status == 503
        assert json.loads(answer.content) == json.loads(expected.content)
        assert answer.headers["Retry-After"] == "5"

    def test_a_person_gets_one_page(self, lonely_front):
        answer = ask(lonely_front, "/projects/")
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        assert answer.headers["Content-Type"].startswith("text/html")
        assert "We are back in a moment" in answer.content.decode()
        assert "help@acme.example" in answer.content.decode()
        assert f"<code>{answer.headers['X-Request-ID']}</code>" in answer.content.decode()
        assert says_little(answer)

    def test_whoever_is_being_started_again_is_waited_for(self, lonely_front):
        began = time.monotonic()
        assert ask(lonely_front, "/projects/").status == 503
        assert time.monotonic() - began > 1.5

    def test_the_log_holds_no_secret(self, static, tmp_path, monkeypatch):
        """Nor would it with every line there is: which of them have a request in them is the front's business."""
        talkative = tmp_path / "Caddyfile"
        talkative.write_text((front.ROOT / "Caddyfile").read_text().replace("level WARN", "level DEBUG"))
        monkeypatch.setattr(front, "COMMAND", [*front.COMMAND[:-1], str(talkative)])
        headers = {
            "Cookie": "sessionid=canary2",
            "Authorization": "Bearer canary3",
            "X-CSRFToken": "canary5",
            "Stripe-Signature": "canary6",
        }
        with alone(tmp_path, static) as port:
            ask(port, "/purchasenumber?authtoken=canary1", "POST", "authtoken=canary4", headers)
            ask(port, "/carrier/v1/sms/jasmin/swk_canary7?canary8", "POST")
            ask(port, "/carrier/v1/sms/jasmin/canary9/", "POST")
            ask(port, "/carrier/v1/sms/jasmine/swk_canary0", "POST")
            log = tmp_path / "front.log"
            for path in ("/purchasenumber", "/carrier/v1/sms/jasmine"):
                until(lambda path=path: path in log.read_text(), "the line in the front's log")
        assert "canary" not in log.read_text()


class TestStaticFiles:
    def test_a_hashed_name_is_kept_for_ever_and_comes_packed(self, stand):
        answer = ask(stand.ports["front"], f"/static/{HASHED}", headers={"Accept-Encoding": "gzip"})
        assert answer.content == b"packed"
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"

    def test_other_names_are_asked_for_again_and_missing_ones_are_not_kept(self, stand):
        assert ask(stand.ports["front"], "/static/plain.js").headers["Cache-Control"] == "max-age=60, public"
        missing = ask(stand.ports["front"], "/static/gone.0123456789ab.js")
        assert (missing.status, missing.headers["Cache-Control"]) == (404, "no-store")
        assert ask(stand.ports["front"], "/static/").status == 404
        assert ask(stand.ports["front"], "/static/..%2f..%2fetc/passwd").status == 404

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "MADEUP"])
    def test_they_are_only_read(self, stand, method):
        """A client's mistake is not an outage of ours."""
        answer = ask(stand.ports["front"], "/static/plain.js", method)
        assert answer.status == 405
        assert answer.headers["Allow"] == "GET, HEAD"
        assert "Retry-After" not in answer.headers
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("method", ["MADEUP", "A" * 300, "TRACE", "get"])
@pytest.mark.parametrize("path", ["/", "/projects/", *PROGRAMS])
def test_a_method_that_is_none_is_refused(stand, path, method):
    answer = ask(stand.ports["front"], path, method)
    assert answer.status == 400
    assert answer.headers["Cache-Control"] == "no-store"
    if path in PROGRAMS:
        expected = words_of(path, "bad_request", 400, "The request could not be read.")
        assert json.loads(answer.content) == json.loads(expected.content)


class TestWhoAsks:
    @pytest.mark.parametrize("name", ["X-Forwarded-For", "X_Forwarded_For", "x_forwarded_for"])
    def test_a_stranger_does_not_choose_the_address_that_is_counted(self, stand, name):
        wrong = "projectid=pid_x&authtoken=wrong&number=12125550100&action=purchase"
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        statuses = [
            ask(stand.ports["front"], "/purchasenumber", "POST", wrong, form | {name: f"198.51.100.{n}"}).status
            for n in range(11)
        ]
        # Five in a minute; a new one may begin meanwhile.
        assert statuses[:5] + statuses[-1:] == [401] * 5 + [429]

    @pytest.mark.parametrize("name", ["X-Forwarded-For", "X_Forwarded_For"])
    @pytest.mark.parametrize("port", ["front", "carrier"])
    def test_nor_does_he_take_a_switchs_address(self, stand, port, name):
        _, secret = credentials.create(switch_id="far", scopes=["routes"], networks=["192.0.2.7"])
        answer = ask(
            stand.ports[port],
            "/carrier/v1/routes/+12125550100",
            headers={"Authorization": f"Bearer {secret}", name: "192.0.2.7"},
        )
        assert answer.status == 403

    def test_a_request_has_one_id_from_front_to_log(self, stand):
        given = "abcdefgh-1234"
        assert ask(stand.ports["front"], "/", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given
        assert len(ask(stand.ports["front"], "/").headers["X-Request-ID"]) == 36

    @pytest.mark.parametrize("path", ["/", "/healthz", "/static/plain.js", "/static/gone.js", "/listnewnumbers"])
    def test_nobody_learns_what_serves(self, stand, path):
        assert "Server" not in ask(stand.ports["front"], path).headers


class TestClasses:
    def test_each_listener_answers_its_own_callers_only(self, stand):
        ports = stand.ports
        assert ask(ports["front"], "/carrier/v1/routes/+1").status == 401
        assert ask(ports["carrier"], "/carrier/v1/routes/+1").status == 401
        assert ask(ports["people"], "/carrier/v1/routes/+1").status == 404
        assert ask(ports["rest"], "/accounts/login/").status == 404
        assert ask(ports["carrier"], "/accounts/login/").status == 404
        for path in ("//carrier/v1/routes/+1", "/%63arrier/v1/routes/+1", "/x/../carrier/v1/routes/+1", "/CARRIER/x"):
            assert ask(ports["front"], path).status in (401, 404), path

    def test_health_is_answered_while_the_workers_for_people_hang(self, stand):
        group = stand.processes["people"]
        os.killpg(group.pid, signal.SIGSTOP)
        try:
            assert ask(stand.ports["front"], "/healthz").status == 200
            assert ask(stand.ports["front"], "/listnewnumbers?country=US&limit=0,20&number_type=DID").status == 404
        finally:
            os.killpg(group.pid, signal.SIGCONT)

    def test_a_killed_worker_is_followed_by_another(self, stand):
        before = children(stand.processes["carrier"].pid)
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        stand.answers("carrier", "/healthz")
        assert stand.processes["carrier"].poll() is None
        assert not set(children(stand.processes["carrier"].pid)) & set(before)


def children(pid):
    return [int(entry.parent.name) for entry in Path("/proc").glob("[0-9]*/stat") if parent(entry) == pid]


def parent(entry):
    try:
        return int(entry.read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None
