"""``python -m portal.work default``, ``… mail bulk``, ``… deliver --threads 20``: the worker of one or several queues.

Composition, demo and tests all start it here, so that they cannot differ. The broker's names of the queues, the name
that ``celery inspect`` shows and the way the worker runs its jobs follow from the arguments.
"""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from portal.jobs.queues import QUEUES, broker_name


def command(options: argparse.Namespace, *further: str, prefix: str) -> list[str]:
    """Arguments of ``celery worker``."""
    pool, concurrency = ("threads", options.threads) if options.threads else ("prefork", options.processes)
    return [
        "worker", "--queues", ",".join(broker_name(prefix, queue) for queue in options.queues),
        "--hostname", f"{'-'.join(options.queues)}@%h", "--pool", pool, "--concurrency", str(concurrency),
        "--loglevel", "INFO", "--without-gossip", "--without-mingle",
        *(["--alive-file", str(options.alive_file)] if options.alive_file else []), *further,
    ]  # fmt: skip


def read(arguments: Sequence[str] | None) -> tuple[argparse.Namespace, list[str]]:
    """The options and what is left for ``celery worker``."""
    parser = argparse.ArgumentParser(
        prog="portal.work",
        description="A worker of one or several queues.",
        epilog="Options that are not listed here are passed to celery worker.",
    )
    parser.add_argument("queues", nargs="+", choices=QUEUES, metavar="default|mail|deliver|bulk")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--processes", type=int, default=2, help="jobs at once, each in a process that can be stopped")
    how.add_argument("--threads", type=int, help="jobs at once in one process; they must bound themselves")
    parser.add_argument("--alive-file", type=Path, help="is touched every ten seconds while the worker does its work")
    return parser.parse_known_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    options, further = read(arguments)
    os.environ["PROCESS_CLASS"] = "worker"

    from django.conf import settings

    import portal.jobs.heartbeat  # noqa: F401  adds --alive-file
    from portal.celery import app  # reads the settings

    app.worker_main(command(options, *further, prefix=settings.QUEUE_PREFIX))


if __name__ == "__main__":
    main()
