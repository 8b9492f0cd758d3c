"""The commands of docs/operations.md exist, with the services and options that it names."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from tests.architecture.test_settings import ROOT, SERVICES

GUIDE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8").replace("\\\n", " ")
COMPOSE = re.findall(r"docker compose (exec|run|logs|stop|up)\b([^\n`]*)", GUIDE)
MANAGE = sorted(set(re.findall(r"manage\.py ([a-z_]+)((?: [^\n`)<]*)?)", GUIDE)))


@pytest.mark.parametrize(("verb", "rest"), COMPOSE)
def test_services_of_the_composition_exist(verb, rest):
    words = [word for word in rest.split("#")[0].split() if not word.startswith("-")]
    named = words if verb in {"stop", "logs", "up"} else words[:1]
    old = {"web", "worker"}  # of the release before, in the upgrade from it
    scaled = {word.split("=")[0] for word in named}
    assert scaled <= set(SERVICES) | old


@pytest.mark.parametrize(("name", "rest"), MANAGE)
def test_management_commands_take_these_options(name, rest):
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    known = {option for action in parser._actions for option in action.option_strings}
    assert set(re.findall(r"(?<=\s)--[a-z-]+", rest)) <= known


def test_the_guide_names_the_files_of_the_repository():
    for name in re.findall(r"`((?:deploy|portal|tests)/[\w./-]+)`", GUIDE):
        assert (ROOT / name).exists(), name
    for link in re.findall(r"\]\(([a-z-]+\.md)", GUIDE):
        assert (Path(ROOT) / "docs" / link).is_file(), link
