"""docs/architecture.md draws the floors that the layers have, and names files, modules and names that exist."""

import re
from fnmatch import fnmatchcase
from functools import cache
from importlib import import_module
from itertools import pairwise

import pytest

from tests.architecture.layers import LAYERS, ROOT, sources

GUIDE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
APPS = ("portal", "projects", "billing", "numbers")
DOTTED = re.compile(r"\w+(\.\w+)+")
FILE = re.compile(r"\.?[\w*-]+\.(py|md|html|css|js|json|toml|yml|example)")
NO_ROOMS = {"management", "migrations"}


def section(text, title):
    (found,) = re.findall(rf"^## {title}$(.*?)(?=^## |\Z)", text, re.M | re.S)
    return found


def drawn(text):
    """The floors of the diagram, lowest first."""
    (diagram,) = re.findall(r"```mermaid\n(.*?)```", text, re.S)
    return [tuple(label.split(", ")) for label in re.findall(r'\w+\["([^"]+)"\]', diagram)]


def arrows(text):
    """(who imports, who is imported), of rooms on one floor and of floors."""
    (diagram,) = re.findall(r"```mermaid\n(.*?)```", text, re.S)
    chains = [re.sub(r'\["[^"]*"\]', "", line).strip().split(" --> ") for line in diagram.splitlines() if "-->" in line]
    return [pair for chain in chains for pair in pairwise(chain)]


def rows(text, title):
    """First cells of the table of a section."""
    return re.findall(r"^\| (`[^|]*?) \|", section(text, title), re.M)


def owners(text):
    """The same floors, as the table names them by their folders and files."""
    cells = (re.findall(r"`([^`]+)`", cell) for cell in rows(text, "Who owns what"))
    return [tuple(name.removesuffix(".py").strip("/").replace("/", ".") for name in names) for names in cells]


def named(text):
    """What stands in backticks, without what follows a space (options, arguments)."""
    return {token.split()[0] for token in re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.S))}


@cache
def file_names():
    return {path.name for path in sources(*APPS)}


def missing_paths(text):
    found = []
    for token in named(text):
        if "/" in token:
            exists = (ROOT / token).is_dir() if token.endswith("/") else (ROOT / token).is_file()
        elif FILE.fullmatch(token):  # at the top, or a kind of file that rooms have
            exists = (ROOT / token).is_file() or any(fnmatchcase(name, token) for name in file_names())
        else:
            continue
        if not exists:
            found.append(token)
    return sorted(found)


def exists(name):
    """A module of ours, or a name in one: ``package.module.Class.attribute``."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        module = ".".join(parts[:count])
        try:
            found = import_module(module)
        except ModuleNotFoundError as error:
            if module != error.name and not module.startswith(f"{error.name}."):
                raise
            continue
        for attribute in parts[count:]:
            if not hasattr(found, attribute):
                return False
            found = getattr(found, attribute)
        return True
    return False


def missing_names(text):
    dotted = {token for token in named(text) if DOTTED.fullmatch(token) and not FILE.fullmatch(token)}
    return sorted(name for name in dotted if name.split(".")[0] not in APPS or not exists(name))


def test_the_diagram_draws_the_layers_in_their_order():
    assert drawn(GUIDE) == LAYERS


def test_arrows_lead_down():
    diagram = section(GUIDE, "Floors")
    rank = {name: place for place, name in enumerate(re.findall(r"(\w+)(?: \[|\[\")", diagram))}
    pairs = arrows(GUIDE)
    assert len(pairs) > 10
    assert [pair for pair in pairs if rank[pair[0]] <= rank[pair[1]]] == []


def test_the_table_has_each_floor_once_and_in_order():
    assert owners(GUIDE) == LAYERS


def test_each_room_of_numbers_is_in_the_table():
    folders = {path.parent.name for path in (ROOT / "numbers").glob("*/__init__.py")} - NO_ROOMS
    rooms = {name.removeprefix("numbers.") for names in owners(GUIDE) for name in names if name.startswith("numbers.")}
    assert rooms == folders


def test_files_and_folders_exist():
    assert missing_paths(GUIDE) == []


def test_modules_and_names_exist():
    assert missing_names(GUIDE) == []


def test_there_are_twenty_usual_changes_and_each_names_files():
    changes = re.findall(r"^\| (?!a … |---)([^|]+) \| (.+) \|$", section(GUIDE, "I want to add a … → touch …"), re.M)
    assert len(changes) >= 20
    assert [change for change, files in changes if not any("/" in token for token in named(files))] == []


@pytest.mark.parametrize(
    ("now", "planted", "check"),
    [
        ('["numbers.documents"]', '["numbers.papers"]', lambda text: drawn(text) != LAYERS),
        ('["numbers.leases"]', '["numbers.routing"]', lambda text: drawn(text) != LAYERS),
        ("| `numbers/desk/` | ", "| `numbers/office/` | ", lambda text: owners(text) != LAYERS),
        ("`portal/beat.py`", "`portal/beats.py`", missing_paths),
        ("`numbers/migrations/`", "`numbers/migration/`", missing_paths),
        ("`lifecycle.py`", "`lifecycles.py`", missing_paths),
        ("`*_context.py`", "`*_contexts.py`", missing_paths),
        ("`.env.example`", "`.environment.example`", missing_paths),
        ("`numbers.leases.models.Lease`", "`numbers.leases.models.Leese`", missing_names),
        ("`numbers.leases.models.Lease`", "`numbers.leasing.models.Lease`", missing_names),
        ("`numbers.inventory.models.Number.voice`", "`numbers.inventory.models.Number.vox`", missing_names),
        ("`numbers.leases.models.Lease`", "`leases.models.Lease`", missing_names),
    ],
)
def test_what_is_wrong_is_found(now, planted, check):
    assert now in GUIDE
    assert not check(GUIDE)
    assert check(GUIDE.replace(now, planted))
