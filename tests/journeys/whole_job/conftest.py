"""The demo as a newcomer starts it, with its own engines, worker, gateway and mailbox; nothing of it is replaced."""

import json
import os
import subprocess
import sys
import time

import pytest

from sandbox.servers import end_with_parent, free_port
from tests.journeys.conftest import DESKTOP, PHONE, _watched_page
from tests.journeys.whole_job.site import Site

PATIENCE = 120


@pytest.fixture(autouse=True)
def _site():
    """In place of the live server: the demo is no part of this process."""


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    # The suite's own settings stay outside.
    env = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
    env |= {"DEMO_FOLDER": str(folder), "PORT": str(free_port()), "DEMO_NUMBERS": "4000"}
    with open(folder / "output", "w") as output:
        demo = subprocess.Popen([sys.executable, "-m", "sandbox.demo"], env=env, stdin=subprocess.DEVNULL,
                                stdout=output, stderr=subprocess.STDOUT, preexec_fn=end_with_parent)
    try:
        deadline = time.monotonic() + PATIENCE
        while not (folder / "demo.json").exists():
            assert demo.poll() is None, (folder / "output").read_text()
            assert time.monotonic() < deadline, (folder / "output").read_text()
            time.sleep(0.1)
        yield Site(json.loads((folder / "demo.json").read_text()))
    finally:
        demo.terminate()
        demo.wait(30)


@pytest.fixture
def desktop(browser, site):
    yield from _watched_page(browser, site, DESKTOP)


@pytest.fixture
def phone(browser, site):
    yield from _watched_page(browser, site, PHONE, has_touch=True, is_mobile=True)
