"""Each status and type is declared once, as an enum beside its model: no other code spells its values out.

A new type of number, for example, is one member of ``NumberType``, its migration and its lines in the demo's feed.
Strings are found where they are values: compared, given to a field by name, listed, mapped, matched, or quoted in SQL.
Models are read too, but for the enums. The sandbox is not: it knows nothing of the portal, and speaks to it in the
words of a supplier's feed and of the payment provider.
"""

import ast
import re
from collections.abc import Iterator, Sequence

import pytest

from billing.payments.models import TopUp
from numbers.models import CallRecord, CallRoute, Document, Lease, Message, Number, Order, OrderMessage, Submission
from portal.jobs.models import Job
from projects.models import Project, Role
from tests.architecture.layers import ROOT, sources

ENUMS = (
    Number.Type,
    Number.Status,
    Lease.Status,
    Order.Status,
    Submission.Verdict,
    Document.Inspection,
    OrderMessage.Kind,
    CallRoute.Kind,
    CallRecord.Status,
    Message.Status,
    TopUp.Status,
    Job.State,
    Project.Status,
    Role,
)
VALUES = frozenset(value for enum in ENUMS for value in enum.values if value)
FIELDS = {"status", "type", "number_type", "kind", "verdict", "inspection", "role", "state"}
QUOTED = re.compile(r"'([a-z_]+)'")
# The same words, meaning something else.
ANOTHER_MEANING = {
    ("portal/accounts/form_restore.py", "open"): "an attribute of HTML",
    ("portal/core/sql.py", "active"): "an example",
    ("portal/core/sql.py", "past_due"): "an example",
    ("numbers/inventory/query_plan.py", "ordered"): "a way of reading an index",
    ("numbers/inventory/search_statements.py", "ordered"): "a way of reading an index",
    ("numbers/calls/admin.py", "note"): "a field of a parked call record",
    ("billing/ledger/triggers.py", "held"): "a kind of account",
    ("billing/payments/gateway.py", "failed"): "the payment provider's",
    ("billing/payments/services.py", "expired"): "the payment provider's",
}


def literals(source: str) -> Iterator[tuple[int, str]]:
    """(line, value) of each value that is spelled out; inside an f-string, where the string begins."""
    for node in _outside_enums(ast.parse(source)):
        match node:
            case ast.Compare(left=left, comparators=others):
                yield from _values(left, *others)
            case ast.keyword(arg=str(name), value=value) if FIELDS & set(name.split("__")) or name in FIELDS:
                yield from _values(value)
            case ast.Assign(targets=[ast.Attribute(attr=name)], value=value) if name in FIELDS:
                yield from _values(value)
            case ast.Set(elts=members) | ast.List(elts=members) | ast.Tuple(elts=members) if _is_list(members):
                yield from _values(*members)
            case ast.Dict(keys=keys, values=values):
                if len(keys) > 1 and _is_list(keys):
                    yield from _values(*keys)
                yield from _values(*(value for key, value in zip(keys, values, strict=True) if _text(key) in FIELDS))
            case ast.MatchValue(value=value):
                yield from _values(value)
            case ast.Constant(value=str(text)):
                yield from ((node.lineno, value) for value in QUOTED.findall(text) if value in VALUES)


def _outside_enums(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef) and any("Choices" in ast.unparse(base) for base in node.bases):
            continue
        yield node
        yield from _outside_enums(node)


def _text(node: ast.AST | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _is_list(nodes: Sequence[ast.AST | None]) -> bool:
    """Values of one enum and nothing else, or one of them with its label."""
    texts = [_text(node) for node in nodes]
    return any(set(texts) <= {*enum.values, ""} or tuple(texts) in enum.choices for enum in ENUMS)


def _values(*nodes: ast.AST | None) -> Iterator[tuple[int, str]]:
    for node in nodes:
        if isinstance(node, ast.IfExp):
            yield from _values(node.body, node.orelse)
        elif isinstance(node, ast.Constant) and node.value in VALUES:
            yield node.lineno, node.value


def found() -> dict[str, list[tuple[int, str]]]:
    spelled = {}
    for path in sources("portal", "projects", "billing", "numbers"):
        name = path.relative_to(ROOT).as_posix()
        each = [
            (line, value) for line, value in literals(path.read_text("utf-8")) if (name, value) not in ANOTHER_MEANING
        ]
        if each:
            spelled[name] = each
    return spelled


def test_no_status_is_spelled_out():
    assert found() == {}


@pytest.mark.parametrize(
    "planted",
    [
        'lease.status == "past_due"',
        '"ordered" != order.status',
        'x in ("approved", "in_review")',
        'Number.objects.filter(type="did")',
        'Number.objects.exclude(number__status__in=["leased", "held"])',
        'Q(kind="failed" if bad else "done")',
        'number.status = "withdrawn"',
        'LABELS = {"did": "DID", "tollfree": "Tollfree"}',
        'TYPES = [("did", "DID")]',
        'body = {"state": "done"}',
        "match kind:\n    case 'pstn':\n        pass",
        "SQL = \"SELECT 1 FROM numbers_number WHERE status = 'available'\"",
        "SQL = f\"UPDATE numbers_number SET status = 'quarantined' WHERE id = {pk}\"",
    ],
)
def test_a_planted_one_is_found(planted):
    assert list(literals(planted))


@pytest.mark.parametrize(
    "harmless",
    [
        'context = {"owner": owner, "held": held, "form": form}',
        'log.info("renewals.charged", extra={"released": 1, "months": 2})',
        'TABS = ("review", "waiting", "approved", "failed")',
        'class Kind(models.TextChoices):\n    DID = "did", "DID"',
        'x = "The order was rejected."',
    ],
)
def test_other_words_are_let_be(harmless):
    assert not list(literals(harmless))
