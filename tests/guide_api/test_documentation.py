"""docs/guide-api.md, line by line: its curl commands are run against a server, its answers are compared."""

import json
import re
import shlex
import shutil
import subprocess
import urllib.error
import urllib.request
from decimal import Decimal
from pathlib import Path

import pytest

from projects import tokens
from projects.actor import SYSTEM
from tests.support.inventory import make_number
from tests.support.projects import make_project

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guide-api.md"
EXAMPLE = re.compile(r"```sh\n(curl .*?)\n```\n\nHTTP (\d{3})\n\n```json\n(.*?)\n```", re.DOTALL)


def run(command):
    """(status, body) of a curl command as a shell would run it; without curl on the machine, of the same request."""
    words = shlex.split(command)
    if shutil.which("curl") is None:
        return send(words)
    done = subprocess.run(
        [words[0], "-s", "-S", "--max-time", "60", "-w", "\n%{http_code}", *words[1:]],
        capture_output=True,
        text=True,
        check=True,
    )
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


def send(words):
    assert words[:2] == ["curl", "-X"]
    method, address, rest = words[2], words[3], words[4:]
    options = dict(zip(rest[::2], rest[1::2], strict=True))
    headers = dict([options["-H"].split(": ", 1)]) if "-H" in options else {}
    body = options["-d"].encode() if "-d" in options else None
    request = urllib.request.Request(address, data=body, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read().decode()


def with_ids_of(documented, got):
    """Ids differ from run to run; everything else is compared to the letter."""
    pattern = r'"order_id": "([0-9a-f-]+)"'
    found = re.search(pattern, got)
    return re.sub(pattern, f'"order_id": "{found[1]}"', documented) if found else documented


@pytest.mark.django_db(transaction=True)
def test_every_example_answers_as_documented(live_server):
    project = make_project(credit="98.00")
    token = tokens.reveal(project=project, slot="primary", by=SYSTEM)
    make_number(
        "+18005550111", type="tollfree", region="", city="", setup_price=Decimal("0.55"), monthly_price=Decimal("0.55")
    )
    make_number("+12125550101")
    make_number("+442079460100", country="GB", region="England", city="London", docs_required=True)
    make_number("+12125550199", setup_price=Decimal("1000"), monthly_price=Decimal("0"))
    examples = EXAMPLE.findall(PAGE.read_text())
    assert len(examples) == PAGE.read_text().count("```sh") == 14
    for command, status, body in examples:
        for placeholder, value in (("SITE_URL", live_server.url), ("pid_XXXXXXX", project.pid), ("ptk_XXXXXXX", token)):
            command = command.replace(placeholder, value)
        got_status, got = run(command)
        assert (got_status, got) == (int(status), with_ids_of(body, got)), command
        json.loads(got)


def test_every_error_code_it_names_is_in_the_list_of_errors():
    listed = (PAGE.parent / "errors.md").read_text()
    table = re.findall(r"^\| \d{3} \|(.*?)\|", PAGE.read_text(), re.MULTILINE)
    named = set(re.findall(r'"error": "([a-z_]+)"', PAGE.read_text()))
    named |= set(re.findall(r"`([a-z_]+)`", " ".join(table)))
    assert len(named) > 10
    assert not {code for code in named if f"`{code}`" not in listed}
