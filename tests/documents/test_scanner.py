"""ClamAV over its real protocol, spoken by a small clamd of our own."""

import socket
import struct
import threading
from datetime import timedelta

import pytest

from numbers.documents import inspection_jobs, scanner, storage
from numbers.models import Document, Submission
from portal.core.errors import DomainError
from portal.jobs.models import Job
from projects.models import AuditEntry
from tests.documents.conftest import NOW, stored
from tests.support import files
from tests.support.refusals import refusal, refused


class Clamd:
    """One thread; what it received and what it shall answer (None: nothing, and keeps the line open)."""

    def __init__(self, answer=b"stream: OK\0", most=None):
        self.answer, self.most, self.received = answer, most, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                line, _ = self.listener.accept()
            except OSError:
                return
            with line, line.makefile("rb") as reader:
                self.talk(line, reader)

    def talk(self, line, reader):
        command = reader.read(10)
        if command != b"zINSTREAM\0":
            line.sendall(b"UNKNOWN COMMAND\0")
            return
        data = b""
        while size := struct.unpack("!I", reader.read(4))[0]:
            data += reader.read(size)
            if self.most is not None and len(data) > self.most:
                line.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.received.append(data)
        if self.answer is None:
            self.done.wait(30)
        else:
            line.sendall(self.answer)

    def stop(self):
        self.done.set()
        self.listener.close()


@pytest.fixture(autouse=True)
def _no_memory():
    scanner.BREAKER.reset()
    yield
    scanner.BREAKER.reset()


@pytest.fixture
def clamd(settings):
    started = []

    def start(**how):
        server = Clamd(**how)
        started.append(server)
        settings.CLAMAV_ADDRESS = server.address
        return server

    yield start
    for server in started:
        server.stop()


def test_it_gets_the_file_as_it_was_sent(clamd, upload):
    server, data = clamd(), files.phone_jpeg() + files.video() * 5
    upload(data, "a.jpg")
    assert server.received == [data]


def test_a_find_is_rejected_by_name(clamd, upload, folder):
    clamd(answer=b"stream: Win.Test.EICAR_HDB-1 FOUND\0")
    with pytest.raises(DomainError, match=r"Win\.Test\.EICAR_HDB-1") as caught:
        upload()
    assert (caught.value.code, caught.value.field) == ("document_infected", "file")
    assert (Document.objects.get().inspection, stored(folder)) == ("refused", [])


@pytest.mark.parametrize(
    "how",
    [
        {"answer": b"INSTREAM size limit exceeded. ERROR\0"},
        {"answer": b"stream: Can't allocate memory ERROR\0"},
        {"answer": b""},
        {"answer": b"\0"},
        {"answer": b"OK\0"},
        {"answer": b"stream: OK FOUNDATION\0"},
        {"answer": b"\xff\xfe\0"},
        {"answer": b"x" * 9000},
        {"most": 100},
    ],
    ids=["too long for it", "no memory", "hangs up", "nothing", "half", "alike", "noise", "chatter", "hangs up early"],
)
def test_whatever_is_not_a_clear_yes_is_tried_again(how, clamd, upload, folder):
    clamd(**how)
    waits(upload(files.noise((200, 200)), "a.jpg"), folder)


def waits(document, folder):
    """Nobody gets to see it, and the job will try again."""
    assert document.is_being_checked
    assert len(stored(folder)) == 1
    job = Job.objects.get(key=f"documents.inspect:{document.pk}")
    assert (job.state, job.attempts) == ("queued", 1)
    assert job.last_error.startswith("DomainError: ")
    refused("document_being_checked", storage.read, document)


def test_one_that_takes_for_ever_is_tried_again(clamd, upload, folder, monkeypatch):
    monkeypatch.setattr(scanner, "SECONDS", 0.3)
    clamd(answer=None)
    waits(upload(), folder)


def test_one_that_does_not_answer_is_left_alone_for_a_while(clamd, settings):
    settings.CLAMAV_ADDRESS = "127.0.0.1:1"
    for _ in range(3):
        with pytest.raises(DomainError):
            scanner.check(b"data")
    server = clamd()
    error = refusal(scanner.check, b"data")
    assert (error.code, server.received) == ("document_check_unavailable", [])
    scanner.BREAKER.reset()  # as if the pause were over
    scanner.check(b"data")
    assert server.received == [b"data"]


@pytest.mark.parametrize("address", ["127.0.0.1:1", "clamd", "127.0.0.1:none", "[::1]:1", ":"])
def test_one_that_is_not_there_is_tried_again(address, settings, upload, folder):
    settings.CLAMAV_ADDRESS = address
    waits(upload(), folder)


def test_when_it_is_back_the_file_passes(clamd, settings, order, upload, work):
    settings.CLAMAV_ADDRESS = "127.0.0.1:1"
    document = upload()
    clamd()
    work(NOW + timedelta(seconds=9))  # not yet
    document.refresh_from_db()
    assert document.is_being_checked
    work(NOW + timedelta(seconds=11))
    document.refresh_from_db()
    assert document.has_passed
    assert Submission.objects.get().document == document


def test_when_it_stays_away_the_customer_hears_of_it(settings, upload, work, folder, mailoutbox):
    settings.CLAMAV_ADDRESS = "127.0.0.1:1"
    document, now = upload(name="Bill of March"), NOW
    while Job.objects.filter(kind="documents.inspect", state="queued").exists():
        assert inspection_jobs.close_abandoned(now=now) == 0
        now += timedelta(hours=1)
        work(now)
    assert inspection_jobs.close_abandoned(now=now) == 1
    document.refresh_from_db()
    assert (document.inspection, document.rejection_code) == ("failed", "document_check_unavailable")
    assert "upload it again" in document.remark
    assert not document.is_there
    work(now + timedelta(minutes=3))
    work(now + timedelta(minutes=3))
    mail = next(mail for mail in mailoutbox if mail.subject == "We could not check “Bill of March”")
    assert document.remark in mail.body
    assert inspection_jobs.close_abandoned(now=now) == 0
    entry = AuditEntry.objects.get(action="document.check_failed")
    assert (entry.actor_kind, entry.data["code"]) == ("system", "document_check_unavailable")
