"""CPU affinity of the workers of the switches' listener.

Where a machine has no more cores than such workers, the scheduler may keep all of them on one core while pages, which
stand back (``nice``), have the other to themselves: it balances by weight, and theirs is small. Calls then wait for
each other. So each worker is pinned to a core; where there are more cores than workers, the scheduler has room.
"""

import fcntl
import os
from contextlib import suppress
from pathlib import Path


def pin_to_core(workers: int) -> None:
    """Of this process, and of all threads that it starts from now on: the core that the fewest of its siblings have.

    ``workers``: how many they are together. Nothing happens where there are more cores, or no affinity at all.
    """
    if not hasattr(os, "sched_setaffinity"):
        return
    cores = os.sched_getaffinity(0)
    if len(cores) > workers:
        return
    with open(__file__) as door, suppress(OSError):
        fcntl.flock(door, fcntl.LOCK_EX)  # workers start at the same moment
        taken = _cores_of_pinned_siblings()
        os.sched_setaffinity(0, {min(sorted(cores), key=taken.count)})


def _cores_of_pinned_siblings() -> list[int]:
    """One for each process of the same server that is pinned."""
    parent = os.getppid()
    taken: list[int] = []
    for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
        with suppress(ProcessLookupError):  # ended meanwhile
            cores = os.sched_getaffinity(int(pid))
            taken += cores if len(cores) == 1 else []
    return taken
