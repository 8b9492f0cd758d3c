"""Which processor core a worker of the switches' listener runs on.

Where a machine has no more cores than such workers, the scheduler may keep all of them on one core while pages, which
stand back (``nice``), have the other to themselves: it balances by weight, and theirs is small. Calls then wait for
each other. So each worker keeps to a core of its own; where there are more cores than workers, the scheduler has room.
"""

import fcntl
import os
from contextlib import suppress
from pathlib import Path


def keep_to_one(workers: int) -> None:
    """For this process and all threads that it starts from now on. Does nothing where the system has no such thing."""
    if not hasattr(os, "sched_setaffinity"):
        return
    cores = os.sched_getaffinity(0)
    if len(cores) > workers:
        return
    with open(__file__) as door, suppress(OSError):
        fcntl.flock(door, fcntl.LOCK_EX)  # workers start at the same moment
        taken = [core for core in _kept_by_siblings() if core in cores]
        os.sched_setaffinity(0, {min(sorted(cores), key=taken.count)})


def _kept_by_siblings() -> list[int]:
    """Cores of the processes of the same server that keep to one."""
    parent = os.getppid()
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    kept: list[int] = []
    for pid in map(int, children):
        with suppress(ProcessLookupError):  # ended meanwhile
            cores = os.sched_getaffinity(pid)
            kept += cores if len(cores) == 1 and pid != os.getpid() else []
    return kept
