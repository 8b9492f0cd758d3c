"""Where calls to a number go now, in one line, and why they would not: what the top of its panel says."""

from dataclasses import dataclass
from datetime import datetime

from numbers.leases.models import Lease
from numbers.routing import differences
from numbers.routing.call_state import call_state
from numbers.routing.decision import Decision, decide
from numbers.routing.explanation import step_in_words
from numbers.routing.models import RouteKind
from numbers.routing.route_settings import RouteSettings, SecondStep
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


def destination(lease: Lease, settings: RouteSettings, names: differences.Names, now: datetime) -> Destination:
    """Of a number that the project has now. ``names`` are those of the users of ``settings``. One query."""
    decision = decide(call_state(lease.number.e164, None, now), None)
    target = differences.target_in_words(settings, names)
    if target:
        shown = international(target) if settings.kind == RouteKind.PSTN else target
        return Destination(f"Calls go to {shown}", problems=_problems(decision))
    trunk = decision.state.project.trunk
    if trunk is None:
        return Destination(NOTHING, is_set=False)
    return Destination(f"Project default: SIP trunk {trunk.shown}", inherited=True, problems=_problems(decision))


def second_step_in_words(step: SecondStep) -> str:
    """``the call ends``, ``+44 20 7946 0018``"""
    return differences.step_in_words(step, nothing="the call ends")


def _problems(decision: Decision) -> tuple[str, ...]:
    found = []
    for step in decision.steps:
        if step.code == decision.refusal:
            found.append(f"Calls are not connected. {step_in_words(step)}")
        elif step.code in ("no_active_users", "no_second_leg"):
            found.append(step_in_words(step))
    return tuple(found)
