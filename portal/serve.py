"""``python -m portal.serve people|rest|carrier``: the web server of one class of callers.

Image, composition, demo and benchmarks all start it here, so that they cannot differ. Each class has its own
processes and its own listener: what one class of callers waits for takes no worker from another.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Listener:
    """``threads``: requests that one worker has in hand at once; measured in docs/adr/0019. ``nice``: how far it stands
    back where processors are short (nice(2)): a caller hears each millisecond, a reader of a page does not.
    ``pinned``: whether each worker has a core (portal.edge.affinity)."""

    port: int
    threads: int
    nice: int = 0
    pinned: bool = False


LISTENERS = {
    "people": Listener(8000, 4, nice=10),
    "rest": Listener(8001, 4, nice=10),
    "carrier": Listener(8002, 2, pinned=True),
}
# A front must give up an idle connection before this (Caddyfile: keepalive), or it may send on a closed one.
HEADER_SECONDS = 20


def command(*, host: str, port: int, workers: int, threads: int) -> list[str]:
    return [
        str(Path(sys.executable).with_name("granian")), "portal.wsgi:application", "--interface", "wsgi",
        "--host", host, "--port", str(port), "--http", "1", "--no-ws",
        "--workers", str(workers), "--blocking-threads", str(threads),
        "--respawn-failed-workers", "--respawn-interval", "0.5",
        "--workers-kill-timeout", "10", "--http1-header-read-timeout", str(HEADER_SECONDS * 1000),
        "--log-level", "warning",
    ]  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="portal.serve", description="The web server of one class of callers.")
    parser.add_argument("process_class", choices=LISTENERS, metavar="people|rest|carrier")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, help="people 8000, rest 8001, carrier 8002")
    parser.add_argument("--workers", type=int, default=2, help="processes; one per core that the class may have")
    parser.add_argument("--threads", type=int, help="requests that one process has in hand at once")
    options = parser.parse_args(arguments)
    listener = LISTENERS[options.process_class]
    os.environ["PROCESS_CLASS"] = options.process_class
    if listener.pinned:
        os.environ["PINNED_WORKERS"] = str(options.workers)
    parts = command(
        host=options.host,
        port=options.port or listener.port,
        workers=options.workers,
        threads=options.threads or listener.threads,
    )
    os.nice(listener.nice)
    os.execv(parts[0], parts)  # noqa: S606  takes this process's place, and with it the supervisor's signals


if __name__ == "__main__":
    main()
