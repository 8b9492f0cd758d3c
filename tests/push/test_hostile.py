"""Files that are made to do harm, and any bytes at all: a refusal in words, in bounded time, and nothing else."""

import base64
import random
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.core.errors import DomainError
from projects.push import apple, files, google, inspection
from tests.support.push import PASSWORD, TOPICS, certificate, der, p8, p12, pem, pem_file, rsa_key, service_account
from tests.support.refusals import refusal

# In a password's protection the file itself says how long opening takes: those are opened by the process only.
OPEN = {"p8": p8(), "pem": pem_file(certificate()), "json": service_account()}
PROTECTED = {
    "p12": p12(certificate()),
    "p12 with password": p12(certificate(), password=PASSWORD),
    "pem with password": pem_file(certificate(), pem(rsa_key(), PASSWORD)),
}


def opened(data):
    """For both fields; only refusals come out."""
    content = files.recognise(data)
    refusals(lambda: apple.read(data, content, PASSWORD))
    refusals(lambda: google.read(data))


def refusals(read):
    try:
        read()
    except DomainError as error:
        assert error.code.startswith("push_")  # noqa: PT017
        assert error.field in ("file", "password")  # noqa: PT017
        assert inspection.MESSAGE.fullmatch(error.message)  # noqa: PT017


def changed(data, seed):
    dice, data = random.Random(seed), bytearray(data)
    for _ in range(dice.randint(1, 8)):
        at, more = dice.randrange(len(data)), dice.randint(1, 40)
        match dice.randrange(3):
            case 0:
                data[at] = dice.randrange(256)
            case 1:
                del data[at : min(at + more, len(data) - 1)]
            case _:
                data[at:at] = bytes(dice.randrange(256) for _ in range(more))
    return bytes(data)


@settings(deadline=None)
@given(st.binary(max_size=400).filter(lambda data: files.recognise(data) not in (files.Content.P12, files.Content.PEM)))
def test_any_bytes(data):
    opened(data)


@pytest.mark.parametrize("kind", OPEN)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_an_honest_file_with_some_bytes_changed(kind, seed):
    opened(changed(OPEN[kind], seed))


@pytest.mark.parametrize("kind", PROTECTED)
@pytest.mark.parametrize("seed", range(6))
def test_a_protected_file_with_some_bytes_changed(kind, seed):
    refusals(lambda: inspection.apple(changed(PROTECTED[kind], seed), PASSWORD))


@given(st.binary(max_size=60))
@settings(max_examples=40, deadline=None)
def test_any_list_of_topics(value):
    opened(pem_file(certificate({TOPICS: value})))
    try:
        assert sum(len(content) for _, content in apple.elements(value)) <= len(value)
    except ValueError as error:
        assert "value" in str(error)  # noqa: PT017


def endless_key():
    """A private key whose password takes two billion rounds of PBKDF2 to check (RFC 8018, PBES2)."""
    oid = {"PBES2": "2a864886f70d01050d", "PBKDF2": "2a864886f70d01050c", "AES": "60864801650304012a"}
    names = {name: der(0x06, bytes.fromhex(value)) for name, value in oid.items()}
    rounds = der(0x30, der(0x04, b"saltsalt") + der(0x02, b"\x7f\xff\xff\xff"))
    scheme = der(0x30, der(0x30, names["PBKDF2"] + rounds) + der(0x30, names["AES"] + der(0x04, bytes(16))))
    key = der(0x30, der(0x30, names["PBES2"] + scheme) + der(0x04, bytes(64)))
    label = b"ENCRYPTED PRIVATE KEY-----\n"
    return b"-----BEGIN " + label + base64.encodebytes(key) + b"-----END " + label


def test_a_password_that_takes_billions_of_rounds_to_check_is_given_up():
    """Many minutes of the processor, if the file has its way; the library lets no other thread run meanwhile."""
    data = pem_file(certificate(), endless_key())
    began = time.monotonic()
    error = refusal(inspection.apple, data, "x")
    assert (error.code, error.field) == ("push_file_too_complex", "file")
    assert time.monotonic() - began < inspection.WALL_SECONDS + 10


def test_many_blocks_are_not_all_opened():
    block = certificate().public_bytes(apple.serialization.Encoding.PEM)
    data = block * 40 + pem(rsa_key())
    assert len(data) < files.LARGEST
    assert refusal(apple.read, data, files.Content.PEM, "").code == "push_wrong_file"


def test_the_process_has_nothing_and_can_do_nothing(monkeypatch):
    monkeypatch.setattr(inspection, "START", PROBE)
    facts = inspection.google(service_account())
    assert set(facts.pop("environment")) <= {"LANG", "LC_CTYPE"}
    assert facts == {"django": False, "open": "OSError", "listen": "OSError", "start": "OSError"}


PROBE = """
import sys; sys.path.insert(0, sys.argv[1])
from projects.push import process
import os, socket, subprocess
def tries(act):
    try:
        act()
    except Exception as error:
        return type(error).__name__
    return "did it"
process._answer = lambda order, data: {
    "environment": sorted(os.environ),
    "django": any(name.partition(".")[0] in ("django", "psycopg", "celery") for name in sys.modules),
    "open": tries(lambda: open("/etc/hostname")),
    "listen": tries(lambda: socket.socket()),
    "start": tries(lambda: subprocess.run(["true"])),
}
process.main()
"""


@pytest.mark.parametrize(
    ("act", "code"),
    [
        ("os._exit(1)", "push_check_unavailable"),
        ("os.write(1, b'ready\\n'); os._exit(1)", "push_file_too_complex"),
        ("os.write(1, b'ready\\n[1]\\n')", "push_file_too_complex"),
        ('os.write(1, b\'ready\\n{"code": "insufficient_credit", "message": "x"}\\n\')', "push_file_too_complex"),
        ('os.write(1, b\'ready\\n{"code": "push_x", "message": "a\\\\nb"}\\n\')', "push_file_too_complex"),
    ],
)
def test_it_is_believed_little(act, code, monkeypatch):
    monkeypatch.setattr(inspection, "START", f"import os, sys; sys.stdin.buffer.read(); {act}")
    assert refusal(inspection.google, service_account()).code == code
