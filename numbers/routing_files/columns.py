"""The columns of a table of routing, read and written alike."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from numbers.routing import block_list, sip_targets
from numbers.routing.differences import Names
from numbers.routing.models import CallerId, RouteKind, SipTransport
from numbers.routing.route_settings import RouteSettings, SecondStep, SipServer
from numbers.routing.targets import parse_target
from portal.core.errors import DomainError
from projects.app_users.usernames import fold

NUMBER, NAME, CALLS_TO, TARGET = "number", "friendly_name", "calls_to", "target"
RING, CALLER_ID, NO_ANSWER, SECOND, BLOCKED = (
    "ring_seconds",
    "caller_id",
    "if_nobody_answers",
    "second_target",
    "blocked_callers",
)
COLUMNS = (NUMBER, NAME, CALLS_TO, TARGET, RING, CALLER_ID, NO_ANSWER, SECOND, BLOCKED)
DEFAULT, END, NOBODY = "default", "end", "none"
KINDS = {
    "users": RouteKind.USERS,
    "appusers": RouteKind.USERS,
    "pstn": RouteKind.PSTN,
    "sip": RouteKind.SIP,
    DEFAULT: RouteKind.NONE,
    "projectdefault": RouteKind.NONE,
}
STEPS = {END: RouteKind.NONE, "endthecall": RouteKind.NONE, "pstn": RouteKind.PSTN, "sip": RouteKind.SIP}
CALLER_IDS = {"number": CallerId.DID, "thisnumber": CallerId.DID, "did": CallerId.DID}
CALLER_IDS |= {"caller": CallerId.CALLER, "originalcaller": CallerId.CALLER}
SHOWN_CALLER_IDS = {CallerId.DID: "number", CallerId.CALLER: "caller"}
Cells = dict[str, str]
Found = TypeVar("Found")
Users = dict[str, tuple[int, bool]]  # of the project, by username: id and whether active


class CellError(Exception):
    """What stands in ``column`` cannot be set; ``message`` is for people."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column, self.message = column, message


def cells_of(number: str, name: str, set_: RouteSettings, names: Names) -> list[object]:
    """A row of the table, as :func:`settings_of` reads it."""
    step = set_.fallback
    targets = {
        RouteKind.USERS: " ".join(names[pk] for pk in set_.users if pk in names),
        RouteKind.PSTN: set_.pstn,
        RouteKind.SIP: _server_text(set_.sip),
    }
    return [
        number,
        name,
        set_.kind or DEFAULT,
        targets.get(RouteKind(set_.kind), ""),
        set_.ring_seconds,
        SHOWN_CALLER_IDS[CallerId(set_.caller_id)],
        step.kind or END,
        step.pstn or _server_text(step.sip),
        " ".join(set_.blocked) or NOBODY,
    ]


def _server_text(server: SipServer | None) -> str:
    if server is None:
        return ""
    return server.authority + (f";transport={server.transport}" if server.transport != SipTransport.UDP else "")


def settings_of(cells: Cells, before: RouteSettings, users: Users) -> tuple[RouteSettings, list[CellError]]:
    """What a row makes of ``before``, and what is wrong in it. A cell that is empty or missing leaves what is set."""
    after, errors = before, []
    for apply in (_destination, _ring, _caller_id, _second_step, _blocked):
        try:
            after = apply(cells, after, users)
        except CellError as error:
            errors.append(error)
    return after, errors


def _destination(cells: Cells, set_: RouteSettings, users: Users) -> RouteSettings:
    kind, target = _choice(cells, CALLS_TO, KINDS, "users, pstn, sip or default"), cells.get(TARGET, "")
    if kind is None:
        if target:
            raise CellError(CALLS_TO, "Say what the target is: users, pstn or sip.")
        return set_
    if kind == RouteKind.NONE:
        if target:
            raise CellError(TARGET, "With “default” there is no target: the call follows the project's setting.")
        return set_.cleared()
    if kind == RouteKind.USERS:
        return replace(set_, kind=kind, users=_users(target, set_, users))
    if kind == RouteKind.PSTN:
        return replace(set_, kind=kind, pstn=_phone(TARGET, target))
    return replace(set_, kind=kind, sip=_server(TARGET, target))


def usernames(target: str) -> list[tuple[str, str]]:
    """What a target may name: each as it stands there, and without a comma or semicolon at its end.

    Usernames have no apostrophes: those in a table were put there for spreadsheets (portal.core.spreadsheet).
    """
    words = (fold(word) for word in target.replace("'", "").split())
    return [(word, word.rstrip(",;")) for word in words]


def _users(target: str, set_: RouteSettings, users: Users) -> tuple[int, ...]:
    found: dict[int, None] = {}
    for whole, name in usernames(target):
        pk, is_active = users.get(whole) or users.get(name) or (0, False)
        if not pk:
            raise CellError(TARGET, f"There is no app user “{name[:60]}” in this project.")
        if not is_active and pk not in set_.users:
            raise CellError(TARGET, f"{name} is deactivated and cannot receive calls.")
        found[pk] = None
    if not found:
        raise CellError(TARGET, "Name the app users who ring, with a space between them.")
    return tuple(found)


def _phone(column: str, text: str) -> str:
    """Digits alone are a number whose + a spreadsheet has dropped."""
    if not text:
        raise CellError(column, "Enter the number to forward calls to, with + and country code.")
    text = f"+{text}" if text.isascii() and text.isdigit() and not text.startswith("0") else text
    return _parsed(column, parse_target, text).e164


def _server(column: str, text: str) -> SipServer:
    """``host:port;transport=tcp``; port and transport may be missing."""
    if not text:
        raise CellError(column, "Enter the SIP server, for example 203.0.113.9:5060.")
    address, _, parameter = text.partition(";")
    transport = parameter.strip().lower().removeprefix("transport=") or SipTransport.UDP.value
    host, port = address.strip(), ""
    if host.startswith("[") and "]" in host:
        host, _, port = host[1:].partition("]")
    elif host.count(":") == 1:
        host, _, port = host.partition(":")
    port = port.removeprefix(":") or str(sip_targets.SIP_PORT)
    if not (port.isascii() and port.isdigit() and len(port) < 6):
        raise CellError(column, "A port is a number from 1 to 65535; SIP servers mostly use 5060.")
    return _parsed(column, sip_targets.parse_server, host, int(port), transport)


def _ring(cells: Cells, set_: RouteSettings, users: Users) -> RouteSettings:
    text = cells.get(RING, "")
    if not text:
        return set_
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise CellError(RING, "The ring time is a whole number of seconds.")
    return replace(set_, ring_seconds=int(text))


def _caller_id(cells: Cells, set_: RouteSettings, users: Users) -> RouteSettings:
    found = _choice(cells, CALLER_ID, CALLER_IDS, "number or caller")
    return set_ if found is None else replace(set_, caller_id=found)


def _second_step(cells: Cells, set_: RouteSettings, users: Users) -> RouteSettings:
    kind, target = _choice(cells, NO_ANSWER, STEPS, "pstn, sip or end"), cells.get(SECOND, "")
    if kind is None:
        if target:
            raise CellError(NO_ANSWER, "Say what the second target is: pstn or sip.")
        return set_
    if kind == RouteKind.NONE:
        if target:
            raise CellError(SECOND, "With “end” there is no second target: the call ends.")
        return replace(set_, fallback=SecondStep())
    if kind == RouteKind.PSTN:
        return replace(set_, fallback=SecondStep(pstn=_phone(SECOND, target)))
    return replace(set_, fallback=SecondStep(sip=_server(SECOND, target)))


def _blocked(cells: Cells, set_: RouteSettings, users: Users) -> RouteSettings:
    text = cells.get(BLOCKED, "")
    if not text:
        return set_
    if text.lower() == NOBODY:
        return replace(set_, blocked=())
    entries = [_parsed(BLOCKED, block_list.parse_entry, word.rstrip(",;")) for word in text.split()]
    return replace(set_, blocked=tuple(dict.fromkeys(entries)))


def _choice(cells: Cells, column: str, words: Mapping[str, Found], shown: str) -> Found | None:
    """None where the cell is empty."""
    text = cells.get(column, "")
    if not text:
        return None
    found = words.get("".join(each for each in text.lower() if each.isalnum()))
    if found is None:
        raise CellError(column, f"“{text[:40]}” is none of {shown}.")
    return found


def _parsed(column: str, parse: Callable[..., Found], *given: object) -> Found:
    try:
        return parse(*given)
    except DomainError as error:
        raise CellError(column, error.message) from None
