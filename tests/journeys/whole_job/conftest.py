"""The demo as a newcomer starts it, with its own engines, worker, gateway and mailbox; nothing of it is replaced."""

import os

import pytest

from sandbox.servers import free_port
from sandbox.started import started
from tests.journeys.whole_job.site import Site


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    # The suite's own settings stay outside.
    env = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
    env |= {"PORT": str(free_port()), "DEMO_NUMBERS": "4000"}
    with open(folder / "output", "w") as output, started(folder, env, output) as facts:
        yield Site(facts)


@pytest.fixture
def home(site):
    """In place of the live server: the demo is no part of this process."""
    return site
