"""A status changes only by the tables; nobody else writes one."""

import ast
from pathlib import Path

import pytest
from django.conf import settings

from numbers.inventory.lifecycle import NUMBER
from numbers.leases.lifecycle import LEASE
from numbers.models import Lease, Number, Order
from numbers.orders.lifecycle import ORDER
from portal.core.errors import DomainError
from tests.support.inventory import make_number
from tests.support.refusals import refusal

# The supplier's feed offers and withdraws numbers by the table's rules, in one statement for a million rows.
MAY_WRITE = {
    "numbers/orders/purchase.py",
    "numbers/inventory/lifecycle.py",
    "numbers/inventory/loading.py",
    "numbers/routing_files/importing.py",  # of its own files, which are checked, applied and done
}
PAGE = "docs/number-lifecycle.md"


@pytest.mark.parametrize(("machine", "model"), [(NUMBER, Number), (LEASE, Lease), (ORDER, Order)])
def test_table_knows_every_status_and_no_other(machine, model):
    assert set(machine.moves) == set(model.Status.values)
    assert set().union(*machine.moves.values()) <= set(model.Status.values)


@pytest.mark.parametrize("machine", [NUMBER, LEASE, ORDER])
def test_page_draws_each_move_of_the_table_and_no_other(machine):
    text = (Path(settings.BASE_DIR) / PAGE).read_text(encoding="utf-8")
    drawing = text.split(f"<!-- {machine.name} -->")[1].split("```")[1]
    drawn = {tuple(part.strip() for part in line.split("-->")) for line in drawing.splitlines() if "-->" in line}
    assert drawn == {(one, other) for one, others in machine.moves.items() for other in others}


def test_an_end_is_an_end():
    assert all(not ORDER.moves[end] for end in Order.ENDED)
    assert set(Order.OPEN) == set(ORDER.moves) - set(Order.ENDED)


@pytest.mark.django_db
def test_a_move_that_is_not_in_the_table_is_refused():
    number = make_number(status="withdrawn")
    error = refusal(NUMBER.transition, number, "leased")
    assert (error.code, error.extra["now"]) == ("number_status_changed", "withdrawn")
    number.refresh_from_db()
    assert number.status == "withdrawn"


@pytest.mark.django_db
def test_of_two_who_saw_the_same_status_one_wins():
    one = make_number()
    other = Number.objects.get()
    NUMBER.transition(one, "held")
    with pytest.raises(DomainError):
        NUMBER.transition(other, "held")


def test_nobody_else_writes_a_status():
    """``.status = …`` on a row and ``update(status=…)`` in the app ``numbers``."""
    guilty = []
    for path in sorted((Path(settings.BASE_DIR) / "numbers").rglob("*.py")):
        name = path.relative_to(settings.BASE_DIR).as_posix()
        if name in MAY_WRITE or "/migrations/" in name:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assigns = isinstance(node, ast.Assign) and any(
                isinstance(target, ast.Attribute) and target.attr == "status" for target in node.targets
            )
            updates = (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "update"
                and any(word.arg == "status" for word in node.keywords)
            )
            if assigns or updates:
                guilty.append(f"{name}:{node.lineno}")
    assert guilty == []
