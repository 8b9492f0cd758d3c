"""The total time of outgoing requests: whatever the other side does, the caller is back in time."""

import smtplib
import socket
import threading
import time
from contextlib import contextmanager

import pytest
from django.core.mail import EmailMessage, get_connection

from portal.core import deadline
from portal.core.breaker import FAILURES, ServiceUnavailable
from portal.jobs import smtp
from sandbox.servers import free_port
from tests.ops.slow_servers import deaf, drip, serving, silent

LIMIT, PATIENCE = 0.6, 4.0  # seconds: the limit in these tests, and what a busy machine may add


@contextmanager
def back_in_time(limit=LIMIT):
    started = time.monotonic()
    yield
    assert time.monotonic() - started < limit + PATIENCE


class TestConnect:
    def test_one_that_nobody_accepts(self):
        with deaf() as port, back_in_time(), pytest.raises(TimeoutError):
            deadline.connect("127.0.0.1", port, seconds=LIMIT)

    def test_a_name_that_nobody_resolves(self, monkeypatch):
        never = threading.Event()
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: [never.wait(60)][:0])
        with back_in_time(), pytest.raises(TimeoutError, match="No address"):
            deadline.connect("mail.example", 25, seconds=LIMIT)
        never.set()

    @pytest.mark.parametrize("name", ["", ".", "a..b", "x" * 300, "-", "\x00", "ä" * 70])
    def test_nonsense_is_an_error_of_the_system(self, name):
        with back_in_time(), pytest.raises((OSError, ValueError)):
            deadline.connect(name or "invalid.", 0, seconds=LIMIT)

    def test_addresses_share_the_time(self, monkeypatch):
        with deaf() as port:
            found, real = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))] * 50, socket.getaddrinfo
            monkeypatch.setattr(
                socket, "getaddrinfo", lambda host, *args, **how: found if "many" in host else real(host, *args, **how)
            )
            with back_in_time(), pytest.raises(TimeoutError):
                deadline.connect("many.example", port, seconds=LIMIT)


def test_an_outer_limit_stays_in_force():
    with deadline.within(0.05), deadline.within(60) as inner:
        assert inner.left() <= 0.05


def test_a_line_is_not_used_when_the_time_is_over():
    with deadline.within(0.01) as limit:
        threading.Event().wait(0.02)
        with pytest.raises(TimeoutError):
            limit.watch(socket.socket())


# -- SMTP ---------------------------------------------------------------------------------------------------------


def mail_server(*, stop_at=b"", then=silent):
    """Speaks SMTP until a command that begins with ``stop_at`` (blank: from the start)."""

    def talk(line, over):
        if not stop_at:
            return then(line, over)
        line.sendall(b"220 hello\r\n")
        for command in line.makefile("rb"):
            if command.upper().startswith(stop_at):
                return then(line, over)
            if command.upper().startswith(b"DATA"):
                line.sendall(b"354 go on\r\n")
            elif command == b".\r\n" or not command[:4].strip(b"\r\n").isupper():
                line.sendall(b"250 ok\r\n" if command == b".\r\n" or command[:4].isalpha() else b"")
            else:
                line.sendall(b"250 ok\r\n")

    return talk


@pytest.fixture
def send(settings):
    settings.EMAIL_TIMEOUT, settings.EMAIL_HOST, settings.EMAIL_USE_TLS = LIMIT, "127.0.0.1", False
    smtp.BREAKER.reset()

    def send(port):
        backend = get_connection("portal.jobs.smtp.EmailBackend", port=port)
        return EmailMessage("Hello", "Text", "a@portal.example", ["b@customer.example"], connection=backend).send()

    yield send
    smtp.BREAKER.reset()


@pytest.mark.parametrize("then", [silent, drip])
@pytest.mark.parametrize("stop_at", [b"", b"EHLO", b"MAIL", b"RCPT", b"DATA"])
def test_a_mail_server_that_stops_answering(stop_at, then, send):
    with serving(mail_server(stop_at=stop_at, then=then)) as port, back_in_time(), pytest.raises(OSError):
        send(port)


def test_one_that_took_the_mail_and_does_not_say_goodbye_is_not_sent_it_again(send):
    with serving(mail_server(stop_at=b"QUIT")) as port, back_in_time():
        assert send(port) == 1


def test_the_breaker_counts_silence_and_not_refusals(send):
    def refuses(line, over):
        line.sendall(b"220 hello\r\n")
        for command in line.makefile("rb"):
            line.sendall(b"550 nobody here\r\n" if command.upper().startswith(b"RCPT") else b"250 ok\r\n")

    with serving(refuses) as port:
        for _ in range(5):
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                send(port)
    nobody = free_port()
    for _ in range(FAILURES):
        with pytest.raises(ConnectionRefusedError):
            send(nobody)
    with pytest.raises(ServiceUnavailable, match="mail server"):
        send(nobody)
