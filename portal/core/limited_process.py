"""A program of ours in a process of its own, for what strangers send: it has nothing, can do nothing, and is believed
little.

:func:`run` is the side that asks. The program reads one line of JSON and then data from its standard input, calls
:func:`bound` and, before it looks into the data, :func:`lock_in`; it answers with one line of JSON and further bytes.
Neither side loads Django.
"""

import contextlib
import json
import math
import os
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any, cast

HOME = str(Path(__file__).resolve().parents[2])
READY = b"ready\n"
MEMORY = 1_000_000_000  # bytes of address space, libraries included


class NotStarted(Exception):  # noqa: N818  named like what happened
    """Our fault: there is no such process, or it did not come so far as to look at the data."""


class NotAnswered(Exception):  # noqa: N818
    """It ran into its limits, died, or said what makes no sense: the data is to blame."""


def run(
    program: str, order: dict[str, Any], data: bytes, *, seconds: int, wall_seconds: float, longest_answer: int
) -> tuple[dict[str, Any], bytes]:
    """What ``program``, lines of Python, answers; ``sys.argv[1]`` is where our packages are. ``seconds`` are of the
    processor, ``longest_answer`` is in bytes. Raises NotStarted, NotAnswered."""
    question = json.dumps({"seconds": seconds, "wall_seconds": wall_seconds} | order).encode() + b"\n" + data
    no_cache = ["-B"] if sys.dont_write_bytecode else []  # with an empty environment it would not know
    try:
        # Nothing is inherited: neither settings and keys in the environment nor open connections.
        process = subprocess.Popen(  # noqa: S603  our own program, and nothing of the user's in its arguments
            [sys.executable, "-I", *no_cache, "-c", program, HOME],
            env={"LANG": "C.UTF-8"},
            cwd="/",
            close_fds=True,
            start_new_session=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except OSError as error:
        raise NotStarted(str(error)) from error
    answer = _talk(process, question, wall_seconds, longest_answer)
    return _read(answer, process.returncode, longest_answer)


def _talk(process: subprocess.Popen[bytes], question: bytes, wall_seconds: float, longest_answer: int) -> bytes:
    """It reads everything before it writes, so one after the other cannot lock; the timer ends whatever hangs."""
    question_pipe, answer_pipe = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
    timer = threading.Timer(wall_seconds, process.kill)
    timer.start()
    try:
        try:
            question_pipe.write(question)
            question_pipe.close()
        except BrokenPipeError:
            pass  # it died; the answer tells
        answer = answer_pipe.read(longest_answer + 1)
        if len(answer) > longest_answer:
            process.kill()
        process.wait()
        return answer
    finally:
        timer.cancel()
        process.kill()
        answer_pipe.close()
        process.wait()


def _read(answer: bytes, status: int, longest_answer: int) -> tuple[dict[str, Any], bytes]:
    ready, began, rest = answer.partition(READY)
    if ready or not began:
        raise NotStarted(f"It ended with {status} before it was ready.")
    line, newline, data = rest.partition(b"\n")
    try:
        facts = json.loads(line) if newline and status == 0 else None
    except ValueError:
        facts = None
    if not isinstance(facts, dict) or len(answer) > longest_answer:
        raise NotAnswered(f"It ended with {status}.")
    return facts, data


# -- the side of the process -------------------------------------------------------------------------------------------


def order_from_input() -> dict[str, Any]:
    order: dict[str, Any] = json.loads(sys.stdin.buffer.readline(4096))
    return order


def bound(seconds: int, wall_seconds: float) -> None:
    """Takes away what it can do without from the start: processor time, memory, and core files, which hold secrets."""
    limit(resource.RLIMIT_CPU, seconds)
    signal.alarm(math.ceil(wall_seconds) + 5)  # whoever waited for the answer has gone
    limit(resource.RLIMIT_AS, MEMORY)
    limit(resource.RLIMIT_CORE, 0)


def lock_in() -> None:
    """After that nothing can be opened, neither a file nor a connection, and nothing started. Says that it is ready."""
    for what in (resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC, resource.RLIMIT_NOFILE):
        limit(what, 0)
    sys.stdout.buffer.write(READY)
    sys.stdout.buffer.flush()


def lower_priority() -> None:
    """For what nobody waits for, while people wait for what else runs on this machine."""
    os.nice(15)
    # A session of its own is a group of its own where Linux groups by session: there the group's value counts.
    with contextlib.suppress(OSError), open("/proc/self/autogroup", "w") as group:
        group.write("15")


def reply(facts: dict[str, Any], data: bytes = b"") -> None:
    sys.stdout.buffer.write(json.dumps(facts).encode() + b"\n" + data)
    sys.stdout.buffer.flush()


def limit(what: int, most: int) -> None:
    """Also the hard limit, so that it cannot be raised again; one that is lower already stays."""
    with contextlib.suppress(ValueError, OSError):
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))
