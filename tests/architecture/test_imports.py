import ast
import subprocess
import sys

import pytest

from tests.architecture import layers
from tests.architecture.layers import ROOT, Import


def test_imports_go_one_way():
    assert layers.upward(layers.all_imports()) == []


def test_no_module_imports_itself_in_a_circle():
    assert layers.cycles(layers.all_imports()) == []


@pytest.mark.parametrize(
    "source",
    [
        "import billing.ledger.services",
        "from billing.ledger import services",
        "def f():\n    from numbers.models import Number",
        "class C:\n    def f(self):\n        if self:\n            import portal.edge.machine",
        "from portal.edge import machine",
    ],
)
def test_the_walk_sees_an_upward_import_wherever_it_hides(source):
    modules = ["billing.ledger.services", "numbers.models", "portal.edge.machine", "projects.services"]
    assert len(layers.upward(layers.imports(source, "projects.services", modules))) == 1


def test_the_walk_sees_a_circle_and_accepts_a_way_down():
    chain = [Import("billing.a", 1, "billing.b"), Import("billing.b", 1, "projects.c")]
    assert layers.cycles(chain) == []
    assert layers.upward(chain) == []
    assert layers.cycles([*chain, Import("billing.b", 2, "billing.a")]) == [["billing.a", "billing.b"]]


def test_leaf_modules_import_nothing_of_ours():
    ground = layers.LAYERS[0]
    entries = [entry for entry in layers.all_imports() if layers.layer(entry.importer) in ground]
    assert entries
    assert [entry for entry in entries if layers.layer(entry.target) not in (None, *ground)] == []


def importers_of(package, *folders):
    found = set()
    for path in layers.sources(*folders):
        name = layers.module_name(path)
        for entry in layers.imports(path.read_text(encoding="utf-8"), name, []):
            if entry.target == package or entry.target.startswith(package + "."):
                found.add(name)
    return found


def test_the_portal_does_not_know_its_pretend_world():
    assert importers_of("sandbox", "portal", "projects", "billing", "numbers") == set()
    assert importers_of("tests", "portal", "projects", "billing", "numbers", "sandbox") == set()


def test_the_pretend_world_reaches_the_portal_over_the_wire_only():
    for package in ("portal", "projects", "billing", "numbers", "django"):
        assert importers_of(package, "sandbox") == set(), package


def test_each_vendor_has_one_module():
    assert importers_of("stripe", "portal", "projects", "billing", "numbers") == {"billing.payments.gateway"}


def printed(code):
    """What a new process says to it."""
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_numbers_is_our_app_and_still_the_standard_library():
    assert not (ROOT / "numbers" / "__init__.py").exists()
    code = (
        "import portal, numbers, decimal, fractions; import numbers.apps; "
        "assert isinstance(1, numbers.Number) and isinstance(decimal.Decimal(1), numbers.Number); "
        "assert numbers.__file__ != numbers.apps.__file__; print('both')"
    )
    assert printed(code) == "both"


def test_a_process_starts_without_the_geographic_tables():
    """libphonenumber's geocoder data costs four seconds of every process's start."""
    code = (
        "import os, sys, portal, django; django.setup(); import portal.urls; "
        "from django.urls import get_resolver; get_resolver().url_patterns; "
        "print(any(name.startswith('phonenumbers.geodata') for name in sys.modules))"
    )
    assert printed(code) == "False"


def test_money_is_never_a_float():
    """No ``float(…)`` and no float literal in the rooms where money is counted."""
    found = []
    for path in layers.sources("billing/ledger", "billing/payments"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []
