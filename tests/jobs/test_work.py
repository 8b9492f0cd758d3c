"""The command that starts workers, and the file by which their health is seen."""

import json
import re
from types import SimpleNamespace

import pytest
from celery.worker import state
from django.conf import settings
from kombu.asynchronous.timer import Timer

from portal.jobs.heartbeat import Heartbeat, stuck
from portal.jobs.queues import QUEUES
from portal.work import read
from sandbox import demo
from tests.faults.workers import running_worker, until, worker_env


def composed():
    """The arguments of each worker in the composition."""
    text = (settings.BASE_DIR / "docker-compose.yml").read_text(encoding="utf-8")
    text = re.sub(r"\$\{\w+:-(\w+)\}", r"\1", text)
    return [json.loads(line)[3:] for line in re.findall(r"command: (.*portal\.work.*)", text)]


@pytest.mark.parametrize("workers", [composed(), list(demo.QUEUES.values())], ids=["composition", "demo"])
def test_each_queue_has_a_worker_and_money_shares_none(workers):
    parsed = [read(arguments) for arguments in workers]
    assert sorted(queue for options, _ in parsed for queue in options.queues) == sorted(QUEUES)
    assert ["default"] in [options.queues for options, _ in parsed]
    assert not any(further for _, further in parsed)
    for options, _ in parsed:
        assert bool(options.threads) or "deliver" not in options.queues


def test_the_composition_looks_at_the_file_that_its_workers_touch():
    text = (settings.BASE_DIR / "docker-compose.yml").read_text(encoding="utf-8")
    assert {str(read(arguments)[0].alive_file) for arguments in composed()} == {"/tmp/alive"}
    assert "find /tmp -maxdepth 1 -name alive -mmin -1" in text
    assert "HOSTNAME" not in text


@pytest.mark.django_db(transaction=True)
def test_a_worker_touches_its_file_again_and_again(tmp_path):
    alive = tmp_path / "alive"
    with running_worker(worker_env(), tmp_path / "log", "default", "--processes", "1", f"--alive-file={alive}"):
        until(alive.exists, "the first touch")
        alive.unlink()
        assert until(alive.exists, "the next touch")


def test_the_file_is_there_from_the_start(tmp_path):
    step = Heartbeat(None, alive_file=str(tmp_path / "alive"))
    step.start(SimpleNamespace(timer=Timer()))
    assert (tmp_path / "alive").exists()


class Running:
    """What Celery knows of a task that runs, as far as it matters here."""

    time_start = 1000.0


def test_a_task_that_outlived_every_limit_is_a_worker_that_hangs():
    request = Running()
    state.active_requests.add(request)
    try:
        assert not stuck(1000.0 + settings.CELERY_TASK_TIME_LIMIT)
        assert stuck(1000.0 + settings.CELERY_TASK_TIME_LIMIT + 61)
    finally:
        state.active_requests.discard(request)
