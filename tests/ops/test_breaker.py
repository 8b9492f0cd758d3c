"""The breaker: opens after failures in a row, lets one call through after a pause, counts no refusals."""

import threading
import time

import pytest

from portal.core import breaker
from portal.core.breaker import FAILURES, Breaker, ServiceUnavailable
from tests.support.crowd import Beside


@pytest.fixture
def service():
    return Breaker("test service", ConnectionError)


def fails(service, error=ConnectionError):
    with pytest.raises(error), service.guard():
        raise error


def works(service):
    with service.guard():
        pass


def is_open(service):
    try:
        works(service)
    except ServiceUnavailable:
        return True
    return False


def test_it_opens_after_failures_in_a_row_and_not_before(service):
    for _ in range(FAILURES - 1):
        fails(service)
    works(service)
    for _ in range(FAILURES - 1):
        fails(service)
    assert not is_open(service)
    for _ in range(FAILURES):
        fails(service)
    assert is_open(service)


def test_a_refusal_is_an_answer(service):
    for _ in range(FAILURES * 2):
        fails(service, ValueError)
    assert not is_open(service)


def test_a_refusal_ends_the_failures_in_a_row_and_an_outage(service, monkeypatch):
    monkeypatch.setattr(breaker, "PAUSE", 0.0)
    for _ in range(FAILURES - 1):
        fails(service)
    fails(service, ValueError)
    for _ in range(FAILURES - 1):
        fails(service)
    monkeypatch.setattr(breaker, "PAUSE", 60.0)
    assert not is_open(service)
    monkeypatch.setattr(breaker, "PAUSE", 0.0)
    for _ in range(FAILURES):
        fails(service)
    fails(service, ValueError)  # the one call after the pause: it was answered
    monkeypatch.setattr(breaker, "PAUSE", 60.0)
    fails(service)
    assert not is_open(service)


def test_open_says_who_is_away_and_until_when(service):
    for _ in range(FAILURES):
        fails(service)
    with pytest.raises(ServiceUnavailable, match="test service has not answered") as caught, service.guard():
        raise AssertionError("called while open")
    assert caught.value.service == "test service"
    assert 0 < (caught.value.retry_at.timestamp() - time.time()) <= breaker.PAUSE


def test_after_the_pause_one_call_decides(service, monkeypatch):
    monkeypatch.setattr(breaker, "PAUSE", 0.0)
    for _ in range(FAILURES):
        fails(service)
    inside, go = threading.Event(), threading.Event()

    def probe():
        with service.guard():
            inside.set()
            go.wait(10)

    probing = Beside(probe, connected=False)
    assert inside.wait(10)
    with pytest.raises(ServiceUnavailable) as away:  # for everybody else, while the one is out
        works(service)
    assert away.value.retry_at.timestamp() - time.time() > 0.5, "not at once: the one has to come back"
    go.set()
    assert probing.result() is None
    assert not is_open(service)


def test_a_call_that_fails_after_the_pause_opens_it_again(service, monkeypatch):
    monkeypatch.setattr(breaker, "PAUSE", 0.0)
    for _ in range(FAILURES):
        fails(service)
    monkeypatch.setattr(breaker, "PAUSE", 60.0)
    fails(service)
    assert is_open(service)


def test_an_outage_is_one_error_in_the_log_and_its_end_one_line(service, monkeypatch, caplog):
    monkeypatch.setattr(breaker, "PAUSE", 0.0)
    for _ in range(FAILURES + 4):
        fails(service)
    works(service)
    assert [(row.levelname, row.message) for row in caplog.records] == [
        ("ERROR", "breaker.opened"), ("WARNING", "breaker.closed"),
    ]  # fmt: skip


def test_a_process_that_is_stopped_during_the_call_lets_the_next_one_through(service, monkeypatch):
    monkeypatch.setattr(breaker, "PAUSE", 0.0)
    for _ in range(FAILURES):
        fails(service)
    with pytest.raises(SystemExit), service.guard():
        raise SystemExit
    works(service)
