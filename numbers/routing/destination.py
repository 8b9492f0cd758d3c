"""Where calls to a number go now, in one line, and why they would not: what the top of its panel says."""

from dataclasses import dataclass
from datetime import datetime

from numbers.leases.models import Lease
from numbers.routing.call_state import call_state
from numbers.routing.decision import Decision, decide
from numbers.routing.explanation import step_in_words
from numbers.routing.models import RouteKind
from numbers.routing.route_settings import RouteSettings, SecondStep, SipServer
from portal.accounts.telephone import international

NOTHING = "Nothing is set: calls are not connected."


@dataclass(frozen=True, slots=True)
class Destination:
    """``words`` is where calls go, as a sentence without its point, or NOTHING."""

    words: str
    is_set: bool = True
    inherited: bool = False
    problems: tuple[str, ...] = ()  # sentences

    @property
    def now(self) -> str:
        """For whoever has just changed it."""
        if not self.is_set:
            return NOTHING
        if self.inherited:
            return f"Calls now follow the project default, {self.words.partition(': ')[2]}."
        return f"{self.words.replace('Calls go', 'Calls now go', 1)}."


def destination(lease: Lease, settings: RouteSettings, names: list[str], now: datetime) -> Destination:
    """Of a number that the project has now. ``names`` are the users of ``settings``. One query."""
    decision = decide(call_state(lease.number.e164, None, now), None)
    words = _words(settings, names)
    if words:
        return Destination(words, problems=_problems(decision))
    trunk = decision.state.project.trunk
    if trunk is None:
        return Destination(NOTHING, is_set=False)
    return Destination(f"Project default: SIP trunk {trunk.shown}", inherited=True, problems=_problems(decision))


def _words(settings: RouteSettings, names: list[str]) -> str:
    found = {
        RouteKind.USERS: ", ".join(names),
        RouteKind.PSTN: international(settings.pstn) if settings.pstn else "",
        RouteKind.SIP: settings.sip.shown if settings.sip else "",
    }.get(RouteKind(settings.kind), "")
    return f"Calls go to {found}" if found else ""


def second_step_in_words(step: SecondStep) -> str:
    """``the call ends``, ``+44 20 7946 0018``"""
    if step.pstn:
        return international(step.pstn)
    return step.sip.shown if isinstance(step.sip, SipServer) else "the call ends"


def _problems(decision: Decision) -> tuple[str, ...]:
    found = []
    for step in decision.steps:
        if step.code == decision.refusal:
            found.append(f"Calls are not connected. {step_in_words(step)}")
        elif step.code in ("no_active_users", "no_second_leg"):
            found.append(step_in_words(step))
    return tuple(found)
