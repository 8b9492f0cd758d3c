"""The demo's SMS gateway and the customer's server of the demo."""

import json
import threading
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from numbers.carrier import credentials
from numbers.models import Message
from sandbox.receiver.__main__ import Handler
from sandbox.receiver.store import Store
from sandbox.switch.calls import Portal
from sandbox.switch.messages import PretendMessage
from tests.support.leases import DID, make_lease
from tests.support.projects import make_project


@contextmanager
def receiver():
    handler = type("Of this test", (Handler,), {"store": Store(), "back": "http://127.0.0.1", "url": "http://here"})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class TestGateway:
    pytestmark = pytest.mark.django_db(transaction=True)

    @pytest.fixture
    def portal(self, live_server):
        _, secret = credentials.create(switch_id="demo-switch", scopes=["sms"])
        return Portal(live_server.url, "demo-switch", secret)

    @pytest.mark.parametrize("text", ["Hello", "x" * 69 + "😀" + "y" * 80, ""])
    def test_a_message_arrives_whole_however_long(self, portal, text):
        make_lease(project=make_project())
        sent = PretendMessage(DID, "+442079460001", text).send(portal)
        assert all("202 stored" in line for line in sent.lines)
        assert Message.objects.get().text == text

    def test_an_unknown_number(self, portal):
        assert PretendMessage("+12125559999", "ACME", "x").send(portal).lines == ["The message: 404 unknown_number"]


class TestReceiver:
    def post(self, url, to, headers=None, **values):
        data = urlencode(values).encode() if values else b'{"message": "<b>hi</b>"}'
        with urlopen(Request(url + to, data, headers or {}), timeout=5) as answer:
            return answer.status, answer.read().decode()

    def test_it_shows_what_came_and_answers_in_the_guides_words(self):
        with receiver() as url:
            status, body = self.post(url, "/a", {"webhook-id": "m1", "Content-Type": "application/json"})
            page = self.page(url)
        assert (status, json.loads(body)) == (200, {"status": "Success", "resp": {"m1": "DELIVRD"}, "code": 200})
        assert "webhook-id: m1" in page
        assert "&lt;b&gt;hi" in page

    def page(self, url):
        with urlopen(url, timeout=5) as answer:
            return answer.read().decode()

    @pytest.mark.parametrize(("behaviour", "status"), [("error", 500), ("gone", 410), ("busy", 503)])
    def test_each_path_answers_as_it_is_told(self, behaviour, status):
        with receiver() as url:
            self.post(url, "/behave", path="/a", behaviour=behaviour)
            with pytest.raises(HTTPError) as refused:
                self.post(url, "/a")
            assert refused.value.code == status
            assert self.post(url, "/b")[0] == 200

    def test_the_wrong_envelope(self):
        with receiver() as url:
            self.post(url, "/behave", path=f"{url}/a", behaviour="envelope")  # as it is pasted
            assert "UNDELIV" in self.post(url, "/a", {"webhook-id": "m1"})[1]

    @pytest.mark.parametrize("path", ["/", "/behave", "/requests.json"])
    def test_its_own_pages_are_no_customers(self, path):
        with receiver() as url:
            self.post(url, "/behave", path=path, behaviour="gone")
            with urlopen(f"{url}/", timeout=5) as answer:
                assert answer.status == 200
                assert "Nothing has come yet" in answer.read().decode()
