"""What docker-compose.yml promises, as far as it can be tried without Docker."""

import json
import re
import socket
import subprocess

import pytest
from django.db import connection

from portal.serve import LISTENERS
from portal.work import read
from sandbox.servers import PG_BIN
from tests.architecture.test_settings import SERVICES


def commands():
    """Service → its command, with the composition's own numbers of processes."""
    found = {}
    for name, text in SERVICES.items():
        command = re.search(r"^    command: (\[.*?\])$", text, re.M | re.S)
        if command:
            found[name] = json.loads(re.sub(r"\$\{\w+:-(\w+)\}", r"\1", command[1]))
    return found


def connections(command):
    """How many a service may have open at once: one per thread that serves, or job that runs."""
    if "portal.serve" in command:
        listener = LISTENERS[command[3]]
        return int(command[command.index("--workers") + 1]) * listener.threads
    options, _ = read(command[3:])
    return (options.threads or options.processes) + 1  # and the worker itself


def test_the_database_has_connections_for_twice_as_many_processes():
    each = {name: connections(command) for name, command in commands().items() if "-m" in command}
    assert {"people", "rest", "carrier", "switches", "worker-default", "worker-deliver"} <= set(each)
    settings = dict(part.split("=") for part in commands()["postgres"] if "=" in part)
    assert int(settings["max_connections"]) >= 2 * sum(each.values())


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_the_front_is_well_while_something_listens(family):
    (check,) = re.findall(r'test: \["CMD", (.*)\]', SERVICES["front"])
    with socket.create_server(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0), family=family) as server:
        port = f"{server.getsockname()[1]:04X}"
        command = [part.replace("0050", port) for part in json.loads(f"[{check}]")]
        assert subprocess.run(command, timeout=5).returncode == 0
    assert subprocess.run(command, timeout=5).returncode == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "well"), [("portal_app", True), ("role_never_made", False)])
def test_the_database_is_well_when_the_application_may_enter(role, well):
    (check,) = re.findall(r'test: \["CMD", (.*)\]', SERVICES["postgres"])
    data = connection.settings_dict
    here = {"psql": str(PG_BIN / "psql"), "127.0.0.1": data["HOST"], "portal": data["NAME"], "portal_app": role}
    command = [here.get(part, part) for part in json.loads(f"[{check}]")]
    done = subprocess.run(command, env={"PGPORT": str(data["PORT"] or 5432)}, timeout=10, capture_output=True)
    assert (done.returncode == 0) == well
