"""What becomes of a request's body: read to the end, or offered again after an outage."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from portal.edge import form_resubmission
from portal.edge.bodies import CHUNK, BodiesMiddleware


class Gone(io.BytesIO):
    def read(self, *size):
        raise OSError("the client is gone")


def ask(body, **environ):
    """An answer that reads nothing, through the middleware; its headers."""
    headers = []

    def application(environ, start_response):
        start_response("413 Content Too Large", [("Content-Type", "text/plain")])
        return [b"no"]

    environ = {"wsgi.input": body, "CONTENT_LENGTH": "9"} | environ
    assert b"".join(BodiesMiddleware(application)(environ, lambda status, given: headers.extend(given))) == b"no"
    return dict(headers)


@pytest.mark.parametrize("length", [{}, {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}])
def test_nothing_of_a_body_is_left_unread(length):
    body = io.BytesIO(b"x" * (2 * CHUNK + 1))
    assert "Connection" not in ask(body, **length)
    assert body.read() == b""
    ask(Gone(), **length)


def test_without_a_body_nothing_is_read():
    for length in ("", "0", None):
        ask(Gone(), CONTENT_LENGTH=length)


def test_a_switch_is_not_waited_for_its_connection_is_given_up(settings):
    settings.PROCESS_CLASS = "carrier"
    body = io.BytesIO(b"x" * 9)
    assert ask(body)["Connection"] == "close"
    assert body.read() == b"x" * 9


def offered(data, method="post"):
    return form_resubmission.resubmittable_fields(getattr(RequestFactory(), method)("/x/", data))


def test_a_form_is_offered_again_as_it_was():
    assert offered({"name": ["a", "b"], "csrfmiddlewaretoken": "t"}) == [
        ("name", "a"),
        ("name", "b"),
        ("csrfmiddlewaretoken", "t"),
    ]
    assert offered({}, "get") is None


@pytest.mark.parametrize("name", ["password", "new_Password1", "client-secret", "code", "otp_token", "captcha"])
def test_no_secret_travels_back_into_a_page(name):
    assert offered({"name": "a", name: "b"}) is None


def test_neither_a_file_nor_more_than_a_page_can_hold():
    assert offered({"name": "a", "file": SimpleUploadedFile("a.pdf", b"%PDF")}) is None
    assert len(offered({f"n{n}": "" for n in range(100)})) == 100
    assert offered({f"n{n}": "" for n in range(101)}) is None
    assert len(offered({"n": "x" * 19_999})) == 1
    assert offered({"n": "x" * 20_000}) is None
