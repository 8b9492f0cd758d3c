"""docs/errors.md names every code that the source raises, with its status, and none besides."""

import ast
import re
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]
ROOMS = ("portal", "projects", "billing", "numbers")
ROW = re.compile(r"^\| `([^`]+)` \| (\d{3}) \|", re.MULTILINE)
DEFAULT_STATUS = 409


def sources():
    for room in ROOMS:
        for path in sorted((HOME / room).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def refusals(trees):
    """DomainError and the names of all classes made from it."""
    names, found = {"DomainError"}, True
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    while found:
        found = {
            node.name
            for node in classes
            if node.name not in names and any(getattr(base, "id", None) in names for base in node.bases)
        }
        names |= found
    return names, {node.name: node for node in classes if node.name in names}


def code(node):
    """The texts that an expression can be; what is filled in stands in angle brackets."""
    match node:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.IfExp(body=first, orelse=second):
            return code(first) | code(second)
        case ast.JoinedStr(values=parts):
            return {
                "".join(
                    part.value
                    if isinstance(part, ast.Constant)
                    else f"<{getattr(part.value, 'attr', getattr(part.value, 'id', ''))}>"
                    for part in parts
                )
            }
    return set()


def raised():
    """(code, status or None, place) of every refusal in the source."""
    pages = list(sources())
    names, classes = refusals([tree for _, tree in pages])
    inside = {
        id(call): True
        for node in classes.values()
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "__init__"
    }
    for path, tree in pages:
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            keywords = {keyword.arg: keyword.value for keyword in node.keywords}
            direct = getattr(node.func, "id", getattr(node.func, "attr", "")) == "DomainError" or id(node) in inside
            given = (
                node.args[0]
                if direct and node.args
                else keywords.get("code")
                if (getattr(node.func, "id", "") in names)
                else None
            )
            status = keywords.get("status")
            number = status.value if isinstance(status, ast.Constant) else None if status else DEFAULT_STATUS
            for text in code(given):
                yield text, number if direct else None, f"{path.relative_to(HOME)}:{node.lineno}"


def documented():
    return {name: int(status) for name, status in ROW.findall((HOME / "docs" / "errors.md").read_text())}


def test_every_code_is_documented_with_its_status():
    listed, found = documented(), list(raised())
    assert len(found) > 50
    assert not [f"{place}: {name}" for name, _, place in found if name not in listed]
    assert not [
        f"{place}: {name} has status {status}"
        for name, status, place in found
        if status is not None and listed[name] != status
    ]


def test_nothing_is_documented_that_does_not_exist():
    defaults = {"not_found"}  # the default of NotFound's parameter
    assert set(documented()) - {name for name, *_ in raised()} - defaults == set()
