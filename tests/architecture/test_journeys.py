"""A browser test waits for what it asserts: a page that has just begun to load is not a page without the words."""

import ast

from tests.architecture import layers
from tests.architecture.layers import ROOT

# Playwright's readings of the moment. `expect(...)` reads until it fits or the time is over.
AT_ONCE = {"is_visible", "is_hidden", "is_checked", "is_enabled", "is_disabled", "is_editable", "inner_text",
           "inner_html", "text_content", "all_inner_texts", "all_text_contents", "input_value", "get_attribute",
           "title"}  # fmt: skip
LOCATORS = {"locator", "get_by_role", "get_by_text", "get_by_label"}


def journeys():
    return [path for path in layers.sources("tests") if "journeys" in path.parts]


def reads_at_once(node):
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    if node.func.attr == "count":  # of elements, not of rows
        return any(isinstance(each, ast.Attribute) and each.attr in LOCATORS for each in ast.walk(node.func.value))
    return node.func.attr in AT_ONCE


def reads_address(node):
    return isinstance(node, ast.Attribute) and node.attr == "url" and ast.unparse(node.value) in ("page", "self.page")


def test_nothing_is_asserted_of_the_moment():
    assert journeys()
    found = []
    for path in journeys():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Assert) and any(
                reads_at_once(each) or reads_address(each) for each in ast.walk(node.test)
            ):
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == [], "use expect()"


def test_waiting_is_always_as_long():
    """One patience for all, in the conftest: a figure of seconds beside a wait is a bet on the machine."""
    found = []
    for path in journeys():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "timeout" and isinstance(node.value, ast.Constant):
                found.append(f"{path.relative_to(ROOT)}:{node.value.lineno}")
    assert found == []
