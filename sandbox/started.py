"""A demo that somebody else needs for a while: the tour, and the tests of the whole job."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.error import URLError
from urllib.request import urlopen

from sandbox.servers import end_with_parent

PATIENCE = 300  # seconds


def running(folder: Path) -> dict[str, Any] | None:
    """What ``demo.json`` of a folder says, if its demo answers."""
    try:
        facts: dict[str, Any] = json.loads((folder / "demo.json").read_text(encoding="utf-8"))
        with urlopen(f"{facts['url']}/readyz", timeout=5):
            return facts
    except (OSError, ValueError, URLError):
        return None


@contextmanager
def started(folder: Path, env: dict[str, str], output: IO[str] | int) -> Iterator[dict[str, Any]]:
    """Starts a demo in ``folder`` and stops it behind the block. Raises RuntimeError when it does not get ready."""
    (folder / "demo.json").unlink(missing_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox.demo"],
        env=env | {"DEMO_FOLDER": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=output,
        preexec_fn=end_with_parent,
    )
    try:
        deadline = time.monotonic() + PATIENCE
        while (facts := running(folder)) is None:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The demo did not start; see {folder}.")
            time.sleep(0.1)
        yield facts
    finally:
        process.terminate()
        process.wait()
