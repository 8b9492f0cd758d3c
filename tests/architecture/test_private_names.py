"""Tests come in by the front door: no name with an underscore of the code, and none of another test's."""

import ast

import pytest

from tests.architecture.layers import ROOT

OURS = ("portal", "projects", "billing", "numbers", "sandbox", "tests")
FILES = sorted((ROOT / "tests").rglob("*.py"))
THEIRS = {"app._pool"}  # the Celery application's
PATCHES = ("setattr", "delattr", "patch", "object")


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name != "_meta"  # Django calls it public


def is_ours(module: str | None) -> bool:
    return (module or "").partition(".")[0] in OURS


def imported(tree: ast.AST) -> set[str]:
    """Names by which this file knows parts of ours."""
    return {
        (alias.asname or alias.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
        if is_ours(node.module if isinstance(node, ast.ImportFrom) else alias.name)
    }


def touched(node: ast.AST, ours: set[str]) -> str:
    """The private name that this node touches, or nothing."""
    match node:
        case ast.ImportFrom(module=module, names=names) if is_ours(module):
            return ", ".join(alias.name for alias in names if is_private(alias.name))
        case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner in ours and is_private(name):
            return f"{owner}.{name}"
        case ast.Call(func=ast.Attribute(attr=act), args=[ast.Name(id=owner), ast.Constant(value=str(name)), *_]):
            return f"{owner}.{name}" if act in PATCHES and owner in ours and is_private(name) else ""
        case ast.Call(func=ast.Attribute(attr=act), args=[ast.Constant(value=str(path)), *_]):
            private = is_ours(path) and any(is_private(part) for part in path.split("."))
            return path if act in PATCHES and private else ""
    return ""


def offences(source: str) -> list[str]:
    tree = ast.parse(source)
    ours = imported(tree)
    return [found for node in ast.walk(tree) if (found := touched(node, ours)) and found not in THEIRS]


def test_no_test_touches_a_private_name():
    found = {
        path.relative_to(ROOT).as_posix(): names
        for path in FILES
        if (names := offences(path.read_text(encoding="utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize(
    "planted",
    [
        "from portal.jobs.outbox import _claim",
        "from portal.jobs import outbox\noutbox._claim()",
        "from portal.jobs import outbox\nmonkeypatch.setattr(outbox, '_claim', None)",
        "monkeypatch.setattr('portal.jobs.outbox._claim', None)",
        "import portal\nmock.patch('portal.jobs._claim')",
        "from tests.journeys.conftest import _watched_page",
    ],
)
def test_a_planted_one_is_found(planted):
    assert len(offences(planted)) == 1


def test_public_names_and_those_of_others_are_not():
    assert offences("from portal.jobs import outbox\noutbox.claim()\nmonkeypatch.setattr(outbox, 'claim', None)") == []
    assert offences("from django.contrib.admin import site\nsite._registry") == []
    assert offences("from numbers.models import Lease\nLease._meta.constraints") == []
