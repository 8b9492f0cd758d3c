"""What a worker does before it answers."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
WORKERS = """
import multiprocessing, os, sys
from portal.edge.affinity import pin_to_core

count, machine = int(sys.argv[1]), [int(core) for core in sys.argv[2].split(",")]
os.sched_setaffinity(0, machine)
context = multiprocessing.get_context("fork")

def worker(go_on, cores):
    pin_to_core(count)
    cores.put(sorted(os.sched_getaffinity(0)))
    go_on.wait()

def start():
    go_on, cores = context.Event(), context.SimpleQueue()
    process = context.Process(target=worker, args=(go_on, cores))
    process.start()
    return process, go_on, cores

workers = [start() for _ in range(count)]
print(*sorted(cores.get() for _, _, cores in workers), sep="; ")
process, go_on, _ = workers[0]
go_on.set()
process.join()
workers[0] = start()
print(workers[0][2].get())
for process, go_on, _ in workers:
    go_on.set()
    process.join()
"""


def run(*arguments: str) -> list[str]:
    env = {"DEBUG": "1", "PORTAL_ENV_FILE": os.devnull}  # with the settings of a test it would refuse to start
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_first_caller_waits_for_no_module():
    loaded = "import sys, portal.wsgi; print('numbers.carrier.views' in sys.modules, 'numbers.urls' in sys.modules)"
    assert run("-c", loaded) == ["True True"]


@pytest.mark.skipif(len(CORES) < 2, reason="needs two processor cores")
def test_workers_that_are_as_many_as_the_cores_are_pinned_to_one_each():
    one, two = CORES[:2]
    everyone, again = run("-c", WORKERS, "2", f"{one},{two}")
    assert everyone == f"[{one}]; [{two}]"
    assert again in (f"[{one}]", f"[{two}]")  # the one that its predecessor had


@pytest.mark.skipif(len(CORES) < 2, reason="needs two processor cores")
def test_more_workers_than_cores_share_them_evenly():
    one, two = CORES[:2]
    assert run("-c", WORKERS, "4", f"{one},{two}")[0] == f"[{one}]; [{one}]; [{two}]; [{two}]"


@pytest.mark.skipif(len(CORES) < 2, reason="needs two processor cores")
def test_where_there_are_more_cores_the_scheduler_has_room():
    one, two = CORES[:2]
    assert run("-c", WORKERS, "1", f"{one},{two}") == [f"[{one}, {two}]", f"[{one}, {two}]"]
