"""Certificates are checked, with the name of the host."""

import pytest

from portal.outbound.client import Failure, Limits
from tests.outbound.certificates import DAY, NOW, Authority
from tests.outbound.sending import answer, post
from tests.outbound.servers import OK, Server, serving, silent


def bad_request(line, over):
    line.recv(1000)
    line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def test_a_server_that_is_who_it_says(couriers, authority):
    with Server([OK], tls=authority.server("hooks.example.com")) as server:
        found = answer(couriers(), post(server.url()))
    assert (found.status, found.failure) == (200, None)


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("other.example.com", {}, "not valid for 'hooks.example.com'"),
        ("hooks.example.com", {"until": NOW - DAY}, "certificate has expired"),
        ("hooks.example.com", {"self_signed": True}, "self-signed certificate"),
    ],
)
def test_others(couriers, authority, name, options, words):
    with Server([OK], tls=authority.server(name, **options)) as server:
        found = answer(couriers(), post(server.url()))
        assert server.asked == []
    assert found.failure == Failure.TLS
    assert found.detail.startswith("The server’s certificate is not accepted: ")
    assert words in found.detail


def test_an_authority_that_nobody_knows(couriers, tmp_path):
    with Server([OK], tls=Authority(tmp_path).server("hooks.example.com")) as server:
        found = answer(couriers(), post(server.url()))
    assert found.detail == "The server’s certificate is not accepted: unable to get local issuer certificate."


def test_a_server_that_speaks_no_tls(couriers):
    with serving(bad_request) as port:
        found = answer(couriers(), post(f"https://hooks.example.com:{port}/"))
    assert found.failure == Failure.TLS
    assert "does not speak TLS at this port" in found.detail


def test_a_handshake_that_never_ends(couriers):
    with Server([silent]) as server:
        found = answer(couriers(limits=Limits(connect=0.3)), post(server.url().replace("http:", "https:")))
    assert found.failure == Failure.TIMEOUT
