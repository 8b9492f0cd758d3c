"""Who comes first where processors are short: switches, and each of their workers on a core of its own."""

import os
from pathlib import Path

import pytest

from sandbox.stand import Stand
from tests.front.conftest import environment
from tests.ops.test_demo_processes import until

CORES = sorted(os.sched_getaffinity(0))[:2] if hasattr(os, "sched_getaffinity") else []


def workers(stand, name):
    parent = stand.processes[name].pid
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def test_people_and_rest_stand_back_for_switches(stand):
    nice = {
        name: {os.getpriority(os.PRIO_PROCESS, pid) for pid in workers(stand, name)}
        for name in ("people", "rest", "carrier")
    }
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    assert nice == {"people": {ours + 10}, "rest": {ours + 10}, "carrier": {ours}}


@pytest.mark.skipif(len(CORES) < 2, reason="needs two processor cores")
@pytest.mark.usefixtures("transactional_db")
def test_each_worker_for_switches_is_pinned_to_a_core(tmp_path):
    before = os.sched_getaffinity(0)
    stand = Stand(tmp_path, environment())
    os.sched_setaffinity(0, CORES)  # as if the machine had no more cores than workers
    try:
        stand.serve("carrier", workers=2)
        stand.wait("carrier")  # that is one of them
        until(
            lambda: sorted(map(os.sched_getaffinity, workers(stand, "carrier")), key=min) == [{core} for core in CORES]
        )
    finally:
        os.sched_setaffinity(0, before)
        stand.stop()
