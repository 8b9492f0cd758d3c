"""Tests that would not notice: what can be seen of them without running them."""

import ast
import re

import pytest

from portal.accounts import events as account_events
from projects import events
from tests.architecture.layers import ROOT

FILES = sorted((ROOT / "tests").rglob("*.py"))
TREES = {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in FILES}
# What says that something holds: asserts, expected refusals, counted queries, and what a browser waits for.
SAYING = ("raises", "fail", "num_queries", "refused", "assert_", "expect", "wait_for", "accessible", "until")
THREADS = {
    "tests/support/crowd.py",
    "tests/support/receivers.py",
    "tests/gateway/smsc.py",
    "tests/sandbox/test_messages.py",
    "tests/ops/slow_servers.py",
    "tests/documents/test_scanner.py",
    "tests/faults/shopping.py",
}  # the crowd; servers that end with the process; a process of its own


def functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def calls(node):
    return {ast.unparse(each.func).rpartition(".")[2] for each in ast.walk(node) if isinstance(each, ast.Call)}


def says_something(node, helpers):
    named = calls(node)
    return (
        any(isinstance(each, ast.Assert) for each in ast.walk(node))
        or bool(named & helpers)
        or any(word in name for name in named for word in SAYING)
    )


def test_every_test_says_what_holds_afterwards():
    helpers = {
        each.name
        for tree in TREES.values()
        for each in functions(tree)
        if not each.name.startswith("test_") and says_something(each, set())
    }
    silent = [
        f"{path}: {each.name}"
        for path, tree in TREES.items()
        for each in functions(tree)
        if each.name.startswith("test_") and not says_something(each, helpers)
    ]
    assert silent == []


def test_whoever_counts_the_queries_of_a_page_looks_whether_it_is_the_page():
    blind = []
    for path, tree in TREES.items():
        for test in functions(tree):
            for block in (each for each in ast.walk(test) if isinstance(each, ast.With)):
                if any("num_queries" in ast.unparse(item.context_expr) for item in block.items):
                    thrown = [each.value for each in ast.walk(block) if isinstance(each, ast.Expr)]
                    blind += [
                        f"{path}: {test.name}: {ast.unparse(call)}"
                        for call in thrown
                        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith((".get", ".post"))
                    ]
    assert blind == [], "the answer is thrown away: it may be an error's, which costs few queries"


def test_threads_are_those_of_the_crowd():
    """Others keep the process alive when they hang."""
    found = [
        path
        for path, tree in TREES.items()
        if path not in THREADS
        for each in ast.walk(tree)
        if isinstance(each, ast.Call) and ast.unparse(each.func).endswith(("Thread", "ThreadPoolExecutor"))
    ]
    assert found == []


def names_in(tree):
    """Texts of a test, without those that it writes into the trail itself."""
    written = {
        id(part)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and ast.unparse(call.func).endswith(("audit.record", "AuditEntry", "record_all", "events.record"))
        for part in ast.walk(call)
    }
    return {
        each.value
        for each in ast.walk(tree)
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and id(each) not in written
    }


@pytest.mark.parametrize("actions", [events.actions(), account_events.WORDS], ids=["projects", "accounts"])
def test_each_action_that_is_recorded_is_looked_for_by_a_test(actions):
    looked_for = set().union(*(names_in(tree) for path, tree in TREES.items() if "/test_" in path))
    assert sorted(set(actions) - looked_for) == []


THINGS = "|".join(sorted({action.partition(".")[0] for action in events.actions()}))
# Alone in a text, or quoted inside a statement of SQL.
ACTION = re.compile(rf"\A(?:{THINGS})\.[a-z_]+\Z|(?<=')(?:{THINGS})\.[a-z_]+(?=')")


def actions_of(tree):
    for each in ast.walk(tree):
        if isinstance(each, ast.Constant) and isinstance(each.value, str | bytes):
            yield from ACTION.findall(each.value if isinstance(each.value, str) else each.value.decode("latin-1"))
        elif isinstance(each, ast.keyword) and each.arg == "action" and isinstance(each.value, ast.Constant):
            yield from (word for word in [str(each.value.value)] if "." in word)


def test_each_action_in_the_code_is_declared():
    recorded = {
        action
        for app in ("billing", "numbers", "projects", "portal")
        for path in (ROOT / app).rglob("*.py")
        if path.name not in ("events.py", "webhook_events.py")
        for action in actions_of(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert recorded >= {"number.purchased", "order.approved", "project.archived"}  # in SQL, by helpers
    assert len(recorded) > 30
    assert sorted(recorded - events.actions() - set(account_events.WORDS)) == []
