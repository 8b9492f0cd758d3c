"""The demo's child processes: started together, started again when they end, stopped in order, never left behind.

Every child leads its own process group, is told by the kernel when the demo dies, and carries a mark in its
environment by which the next demo finds what a killed one may still have left.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sandbox.servers import end_with_parent

MARK = "PORTAL_DEMO_FOLDER"
GRACE_SECONDS = 12.0


class DemoError(Exception):
    """Something that the person at the terminal must know; shown without a traceback."""


def last_lines(path: Path, count: int = 15) -> str:
    try:
        return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])
    except OSError:
        return ""


def end_leftovers(folder: Path) -> int:
    """Ends what a killed predecessor in the same folder left running. Returns how many processes that were."""
    found = _marked(folder)
    for pid in found:
        _signal(pid, signal.SIGINT)  # to PostgreSQL: a fast shutdown; to all others: end
    deadline = time.monotonic() + 10
    while (left := [pid for pid in found if pid in _marked(folder)]) and time.monotonic() < deadline:
        time.sleep(0.1)
    for pid in left:
        _signal(pid, signal.SIGKILL)
    return len(found)


def _marked(folder: Path) -> list[int]:
    mark = f"{MARK}={folder}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:  # another user's, or ended just now
            continue
    return [pid for pid in found if pid != os.getpid()]


def _signal(pid: int, how: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, how)


class Server(Protocol):
    folder: Path
    process: "subprocess.Popen[bytes] | None"

    def launch(self) -> object: ...


@dataclass
class Child:
    """One process of the demo. Start it from the main thread: the kernel watches the starting thread."""

    name: str
    command: Sequence[str | Path]
    log: Path
    env: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> "Child":
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [str(part) for part in self.command],
                env=dict(self.env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )
        return self

    @property
    def ended(self) -> int | None:
        return None if self.process is None else self.process.poll()

    def ask_to_end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def finish(self) -> None:
        """Waits for a child that is meant to end; raises with the end of its log when it failed."""
        assert self.process is not None
        if code := self.process.wait():
            raise DemoError(f"{self.name} failed ({code}):\n{last_lines(self.log)}\n(all of it: {self.log})")
        self.process = None

    def stop(self, seconds: float = GRACE_SECONDS) -> None:
        """Asks it to end, and ends it when it has not within so many seconds."""
        if self.process is None:
            return
        self.ask_to_end()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        with suppress(ProcessLookupError, PermissionError):  # its own workers, should it not have taken them along
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def stop_all(children: Sequence[Child]) -> None:
    """The last started first: whoever asks ends before whoever answers. One grace for all of them, since what waits
    for a part that hangs would use up its own, one after the other."""
    deadline = time.monotonic() + GRACE_SECONDS
    for child in reversed(children):
        child.ask_to_end()
    for child in reversed(children):
        child.stop(max(deadline - time.monotonic(), 0))


@dataclass
class Watch:
    """Starts again what ends, as often as ``most`` times within ``seconds``. What ends still more often ends the demo
    (DemoError), or, with ``patient``, is tried every ``pause`` seconds while everything else goes on: a disk that is
    full is no reason to stop what can still be read.

    ``servers`` are database and broker by name; starting one again keeps its data and address, and nobody waits for it.
    """

    children: Sequence[Child]
    servers: Mapping[str, Server] = field(default_factory=dict)
    most: int = 5
    seconds: float = 60
    pause: float = 10
    patient: bool = False
    say: Callable[[str], object] = lambda text: None
    began: dict[str, list[float]] = field(default_factory=dict, init=False)

    def look(self) -> None:
        """Once at everything. Raises DemoError when a part keeps ending."""
        for name, server in self.servers.items():
            code = None if server.process is None else server.process.poll()
            if code is not None and self.may_begin(name, code, server.folder / f"{name}.log"):
                server.launch()
        for child in self.children:
            if (code := child.ended) is not None and self.may_begin(child.name, code, child.log):
                child.stop()  # what it may have left of its own workers
                child.start()

    def may_begin(self, name: str, code: int, log: Path) -> bool:
        now = time.monotonic()
        recent = [at for at in self.began.get(name, []) if now - at < self.seconds]
        if len(recent) < self.most:
            self.say(f"{name} ended ({code}); starting it again.")
        elif not self.patient:
            raise DemoError(self.keeps_ending(name, code, log))
        elif now - recent[-1] < self.pause:
            return False
        elif len(recent) == self.most:
            self.say(f"{self.keeps_ending(name, code, log)}\nIt is tried every {self.pause:.0f} s; the rest goes on.")
        self.began[name] = [*recent, now]
        return True

    def keeps_ending(self, name: str, code: int, log: Path) -> str:
        return (
            f"{name} ended {self.most + 1} times within {self.seconds:.0f} s, last with {code}:\n"
            f"{last_lines(log)}\n(all of it: {log})"
        )

    def forever(self) -> None:
        while True:
            self.look()
            time.sleep(0.5)
