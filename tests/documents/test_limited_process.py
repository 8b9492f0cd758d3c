"""The process that opens files: it has nothing, can do nothing, and is believed little."""

import json
import os
import sys
import time

import pytest

from numbers.documents.inspection import limited
from numbers.documents.inspection.limited import run
from numbers.documents.rejections import DocumentRejected
from tests.support.refusals import refusal, refused

# In place of the inspection: locks itself in as that does, then tries to get out.
PROBE = """
import sys; sys.path.insert(0, sys.argv[1]); import portal
from numbers.documents.inspection import process
import os, resource, socket, subprocess, tempfile
def tries(act):
    try:
        act()
    except Exception as error:
        return type(error).__name__
    return "did it"
def probe(order, data):
    process._lock("application/pdf")
    return {
        "environment": sorted(os.environ),
        "arguments": len(sys.argv),
        "django": any(name.partition(".")[0] in ("django", "psycopg", "celery") for name in sys.modules),
        "open": tries(lambda: open("/etc/hostname").read()),
        "write": tries(lambda: os.write(os.open("x", os.O_CREAT | os.O_WRONLY), b"x")),
        "temporary": tries(lambda: tempfile.TemporaryFile()),
        "connect": tries(lambda: socket.create_connection(("127.0.0.1", 9), 1)),
        "listen": tries(lambda: socket.socket()),
        "start": tries(lambda: subprocess.run(["true"], stdout=subprocess.PIPE)),
        "memory": tries(lambda: bytearray(1_200_000_000)),
        "descriptors": [number for number in range(64) if tries(lambda: os.fstat(number)) == "did it"],
        "core": resource.getrlimit(resource.RLIMIT_CORE)[1],
        "file": resource.getrlimit(resource.RLIMIT_FSIZE)[1],
        "processes": resource.getrlimit(resource.RLIMIT_NPROC)[1],
        "nice": os.nice(0),
    }, b""
process._inspect = probe
process.main()
"""


def instead(monkeypatch, act):
    """The process does ``act``, some lines of Python, after it has said that it is ready."""
    code = "import sys, os, json, time; sys.stdin.buffer.readline(); sys.stdin.buffer.read()\n"
    monkeypatch.setattr(limited, "START", code + "os.write(1, b'ready\\n')\n" + act)


def test_it_can_do_nothing(monkeypatch):
    secret = "a-secret-of-the-portal"
    monkeypatch.setenv("SECRET_KEY", secret)
    monkeypatch.setattr(limited, "START", PROBE)
    held = os.open("/dev/null", os.O_RDONLY)
    os.set_inheritable(held, True)
    try:
        facts = run("inspect", b"", name="a.pdf").facts
    finally:
        os.close(held)
    # What the C locale coercion may add is no secret.
    assert set(facts.pop("environment")) <= {"LANG", "LC_CTYPE"}
    assert facts == {
        "arguments": 2,
        "django": False,
        "open": "OSError",
        "write": "OSError",
        "temporary": "FileNotFoundError",
        "connect": "OSError",
        "listen": "OSError",
        "start": "OSError",
        "memory": "MemoryError",
        "descriptors": [0, 1, 2],
        "core": 0,
        "file": 0,
        "processes": 0,
        "nice": os.nice(0) + 15,  # people wait for what else runs on the machine
    }


@pytest.mark.parametrize(
    "act",
    [
        "os.kill(os.getpid(), 11)",
        "os._exit(0)",
        "os._exit(1)",
        "print('not JSON')",
        "print('[1]')",
        "print(json.dumps({'code': 'insufficient_credit', 'message': 'x'}))",
        "print(json.dumps({'code': 'document_empty', 'message': 'a\\nb'}))",
        "print(json.dumps({'code': 'document_empty', 'message': 'x' * 9999}))",
        "print('{}'); sys.stdout.flush(); os._exit(3)",
    ],
    ids=["dies", "says nothing", "fails", "mumbles", "a list", "a foreign code", "two lines", "an essay", "fails late"],
)
def test_a_process_that_does_not_answer_properly_rejects_the_file(act, monkeypatch):
    instead(monkeypatch, act)
    with pytest.raises(DocumentRejected) as caught:
        run("inspect", b"data", name="a.pdf")
    assert caught.value.code == "document_too_complex"


def test_one_that_hangs_is_ended(monkeypatch):
    instead(monkeypatch, "time.sleep(60)")
    monkeypatch.setattr(limited, "WALL_SECONDS", 0.5)
    began = time.monotonic()
    with pytest.raises(DocumentRejected):
        run("inspect", b"data", name="a.pdf")
    assert time.monotonic() - began < 10


def test_one_that_does_not_listen_is_ended(monkeypatch):
    monkeypatch.setattr(limited, "START", "import time; time.sleep(60)")
    monkeypatch.setattr(limited, "WALL_SECONDS", 0.5)
    error = refusal(run, "inspect", b"0" * 5_000_000, name="a.pdf")
    assert (error.code, error.status) == ("document_check_unavailable", 503)


def test_one_that_talks_without_end_is_ended(monkeypatch):
    monkeypatch.setattr(limited, "LONGEST_ANSWER", 1_000_000)
    instead(monkeypatch, "while True: os.write(1, b'x' * 65536)")
    with pytest.raises(DocumentRejected):
        run("inspect", b"data", name="a.pdf")


def test_one_that_cannot_start_is_our_fault(monkeypatch):
    monkeypatch.setattr(limited, "START", "import a_module_that_is_not_there")
    error = refusal(run, "inspect", b"data", name="a.pdf")
    assert (error.code, error.field) == ("document_check_unavailable", "file")


def test_one_for_which_there_is_no_room_is_our_fault(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    refused("document_check_unavailable", run, "inspect", b"data", name="a.pdf")


def test_an_accident_is_logged_and_not_shown_to_the_customer(monkeypatch, caplog):
    answer = json.dumps({"code": "document_malformed", "message": "It is damaged.", "because": "KeyError"})
    instead(monkeypatch, f"print({answer!r})")
    with pytest.raises(DocumentRejected, match=r"^It is damaged\.$"):
        run("inspect", b"data", name="a.pdf")
    assert caplog.records[-1].because == "KeyError"
