"""The portal's web servers as in production, each class of callers and the front, for tests and benchmarks."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

from sandbox import front
from sandbox.servers import end_with_parent, free_port, stop

PATIENCE = 120  # seconds


@dataclass
class Stand:
    """Ports on loopback; ``processes`` by name: people, rest, carrier, front."""

    folder: Path
    env: Mapping[str, str]
    ports: dict[str, int] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *command: object, env: Mapping[str, str]) -> None:
        with open(self.folder / f"{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen(
                [str(part) for part in command],
                env=dict(env),
                cwd=front.ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )

    def serve(self, name: str, *, workers: int, threads: int | None = None) -> None:
        """On the same port as before, if it has been served before."""
        self.ports[name] = self.ports.get(name) or free_port()
        env = {**self.env, "TRUSTED_PROXIES": "0" if name == "carrier" else "1"}
        self.start(
            name,
            sys.executable,
            "-m",
            "portal.serve",
            name,
            "--port",
            self.ports[name],
            "--workers",
            workers,
            *(["--threads", threads] if threads else []),
            env=env,
        )

    def serve_front(self, static: Path) -> None:
        self.ports["front"] = free_port()
        classes = {name: self.ports.get(name) or free_port() for name in ("people", "rest", "carrier")}
        env = front.environment(
            port=self.ports["front"], **classes, static=static, data=self.folder / "caddy", settings=dict(self.env)
        )
        self.start("front", *front.COMMAND, env=env)

    def wait(self, *names: str) -> None:
        for name in names:
            self.answers(name, "/healthz")  # /readyz asks for workers too

    def answers(self, name: str, path: str) -> None:
        """Waits until it does, with 200. Raises RuntimeError when it does not within two minutes."""
        deadline = time.monotonic() + PATIENCE
        while self.status(name, path) != 200:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{name} did not start; see {self.folder / name}.log")
            time.sleep(0.05)

    def status(self, name: str, path: str) -> int | None:
        wire = HTTPConnection("127.0.0.1", self.ports[name], timeout=5)
        try:
            wire.request("GET", path)
            return wire.getresponse().status
        except OSError:
            return None
        finally:
            wire.close()

    def stop(self) -> None:
        for process in reversed(self.processes.values()):
            stop(process, signal.SIGTERM)
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue


@contextmanager
def standing(
    folder: Path, env: Mapping[str, str], static: Path, *, threads: int | None = None, **workers: int
) -> Iterator[Stand]:
    """``workers`` for each class, e.g. ``people=2``; ``threads`` of each, if not production's. Stops all afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    stand = Stand(folder, env)
    try:
        for name, count in workers.items():
            stand.serve(name, workers=count, threads=threads)
        stand.serve_front(static)
        stand.wait(*workers, "front")
        yield stand
    finally:
        stand.stop()
