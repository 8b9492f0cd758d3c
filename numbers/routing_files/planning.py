"""What a table of routing would change: the same look for the dry run and for applying it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from numbers.leases.models import Lease
from numbers.routing.limits import Limits
from numbers.routing.queries import limits_of
from numbers.routing.route_changes import RouteChange
from numbers.routing.route_settings import RouteSettings, of_route
from numbers.routing.validation import check_route
from numbers.routing_files.columns import CALLS_TO, NUMBER, TARGET, CellError, Users, settings_of, usernames
from numbers.routing_files.reading import Row
from portal.accounts import phone_numbers
from portal.core.csv_file import SHORTENED, is_shortened
from portal.core.errors import DomainError
from projects.app_users.models import AppUser

CHUNK = 1000
_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Problem:
    """``words`` begin with the column, where one is at fault."""

    line: int
    number: str
    words: str


@dataclass(frozen=True, slots=True)
class Planned:
    line: int
    change: RouteChange

    @property
    def e164(self) -> str:
        return self.change.lease.number.e164


@dataclass(slots=True)
class Plan:
    changes: list[Planned] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    same: int = 0  # rows that say what is set already


def plan(project_id: int, rows: Sequence[Row], *, lock: bool = False) -> Plan:
    """With ``lock``, in a transaction: the leases of the file stay as they are until it ends."""
    made = Plan()
    lines = _lines(rows, made)
    leases = _leases(project_id, list(lines), lock)
    users = _users(project_id, lines.values())
    for e164, row in lines.items():
        lease = leases.get(e164)
        if lease is None:
            made.problems.append(_problem(row, CellError(NUMBER, "This project does not hold this number.")))
            continue
        route = getattr(lease, "call_route", None)
        before = of_route(route)
        after, errors = settings_of(row.cells, before, users)
        made.problems += [_problem(row, error) for error in errors]
        if errors:
            continue
        if after == before:
            made.same += 1
            continue
        made.changes.append(Planned(row.line, RouteChange(lease, route.version if route else 0, before, after)))
    _check(made, limits_of(project_id))
    made.problems.sort(key=lambda each: each.line)
    return made


def _lines(rows: Sequence[Row], made: Plan) -> dict[str, Row]:
    """By number, each once; what is wrong with the others goes to ``made``."""
    found: dict[str, Row] = {}
    for row in rows:
        try:
            e164 = _e164(row.number)
        except CellError as error:
            made.problems.append(_problem(row, error))
            continue
        first = found.setdefault(e164, row)
        if first is not row:
            made.problems.append(_problem(row, CellError(NUMBER, f"Line {first.line} has the same number.")))
    return found


def _e164(text: str) -> str:
    if is_shortened(text):
        raise CellError(NUMBER, SHORTENED)
    found = text if _E164.fullmatch(text) else phone_numbers.international(text)
    if found is None:
        raise CellError(NUMBER, "Enter the number with + and country code.")
    return found


def _leases(project_id: int, numbers: list[str], lock: bool) -> dict[str, Lease]:
    live = Lease.objects.filter(project_id=project_id, status__in=Lease.LIVE).select_related("number", "call_route")
    if lock:
        live = live.select_for_update(of=("self",)).order_by("pk")
    chunks = (numbers[at : at + CHUNK] for at in range(0, len(numbers), CHUNK))
    return {lease.number.e164: lease for chunk in chunks for lease in live.filter(number__e164__in=chunk)}


def _users(project_id: int, rows: Iterable[Row]) -> Users:
    """Those that the file may mean."""
    targets = {row.cells.get(TARGET, "") for row in rows if row.cells.get(CALLS_TO)}
    names = sorted({each for target in targets for pair in usernames(target) for each in pair})
    chunks = (names[at : at + CHUNK] for at in range(0, len(names), CHUNK))
    found = AppUser.objects.filter(project_id=project_id).values_list("username", "pk", "is_active")
    return {name: (pk, active) for chunk in chunks for name, pk, active in found.filter(username__in=chunk)}


def _check(made: Plan, limits: Limits) -> None:
    """Moves what may not be set from the changes to the problems."""
    planned: dict[str, RouteSettings] = {each.e164: each.change.after for each in made.changes}
    allowed = []
    for each in made.changes:
        try:
            check_route(each.change.lease, each.change.before, each.change.after, limits, planned)
        except DomainError as error:
            made.problems.append(Problem(each.line, each.e164, error.message))
        else:
            allowed.append(each)
    made.changes = allowed


def _problem(row: Row, error: CellError) -> Problem:
    return Problem(row.line, row.number, f"{error.column}: {error.message}")
