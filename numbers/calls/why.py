"""Why a call of the past was not answered: its record, beside what decided at that time where it went."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from numbers.calls.models import CallRecord, CallStatus, Direction
from numbers.calls.past_state import Setting, Tag, past_state, settings_of
from numbers.leases.models import Lease
from numbers.routing.advice import BY_REFUSAL, Advice
from numbers.routing.block_list import caller_of
from numbers.routing.decision import Decision, Leg, decide
from numbers.routing.explanation import Line, leg_in_words, lines, step_in_words
from numbers.routing.models import RouteKind
from portal.accounts.telephone import international

_ETAG = re.compile(r"(\d{1,18})\.(\d{1,9})\.(\d{1,9})\.[0-9a-f]{1,16}")
_NOT_ASKED = ("", "none", "away")  # sources of a route when the portal was not asked and nothing was known


@dataclass(frozen=True, slots=True)
class Why:
    """``cause`` is a stable word, ``headline`` a sentence; ``lines`` are what was decided then, step by step."""

    cause: str
    headline: str
    lines: tuple[Line, ...] = ()
    advice: Advice | None = None


@dataclass(frozen=True, slots=True)
class _Call:
    record: CallRecord
    legs: Sequence[CallRecord]  # outgoing ones of the same call, in order
    decision: Decision

    @property
    def code(self) -> int:
        """The switch's final response; of the last leg where the whole call has none. 0 if there is none."""
        codes = [self.record.sip_code, *(leg.sip_code for leg in reversed(self.legs))]
        return next((code for code in codes if code), 0)

    @property
    def last(self) -> Leg | None:
        """Who was called last."""
        return self.decision.second or self.decision.first


def explain(record: CallRecord, legs: Sequence[CallRecord] = ()) -> Why | None:
    """``record`` with its lease and number. None for a call that was answered: there is nothing to explain."""
    if record.status == CallStatus.ANSWERED:
        return None
    if record.lease is None:
        return Why("unknown_number", "Nobody held this number at that time.")
    out = [leg for leg in legs if leg.direction == Direction.OUT]
    caller = caller_of(record.caller) if record.caller else None
    tag = _tag(record, record.lease)
    in_force, tagged = settings_of(record.lease, record.start_time, tag)
    used = tagged if tag and _is_older(tag, in_force) else in_force
    decision = decide(past_state(record.lease, caller, record.start_time, used), caller)
    cause, headline = _cause(_Call(record, out, decision))
    if used != in_force:
        cause, headline = "stale_route", f"{_stale(record, used, in_force)} {headline}"
    return Why(cause, headline, tuple(lines(decision)), BY_REFUSAL.get(cause) or _ADVICE.get(cause))


def _cause(call: _Call) -> tuple[str, str]:
    if call.decision.refusal:
        return call.decision.refusal, step_in_words(call.decision.steps[-1])
    for fits, cause, words in _CAUSES:
        if fits(call):
            return cause, words(call)
    return "failed", f"The call could not be connected (SIP response {call.code or 'unknown'})."


# -- a route that was not the one in force -----------------------------------------------------------------------


def _tag(record: CallRecord, lease: Lease) -> Tag | None:
    """The setting that the switch followed, as far as the record says."""
    found = _ETAG.fullmatch(record.route_etag)
    return (int(found[2]), int(found[3])) if found and int(found[1]) == lease.pk else None


def _is_older(tag: Tag, in_force: Setting) -> bool:
    return tag[0] < (in_force.version or 0) or tag[1] < (in_force.project_version or 0)


def _stale(record: CallRecord, used: Setting, in_force: Setting) -> str:
    reason = "the portal did not answer it" if record.route_source == "stale" else "it may keep a route for a while"
    if used.version != in_force.version:
        which = f"version {used.version or 0} of the number’s setting instead of version {in_force.version}"
    else:
        which = f"version {used.project_version or 0} of Number Settings instead of version {in_force.project_version}"
    return f"The switch followed an older setting, because {reason}: {which}."


# -- what the record itself says ---------------------------------------------------------------------------------

Fits = Callable[[_Call], bool]
Words = Callable[[_Call], str]


def _who(call: _Call) -> str:
    return leg_in_words(call.last) if call.last else international(call.record.did)


def _is(*kinds: str) -> Fits:
    return lambda call: call.last is not None and call.last.kind in kinds


def _seconds(call: _Call) -> int:
    return round((call.record.end_time - call.record.start_time).total_seconds())


def _by_switch(call: _Call) -> bool:
    return call.record.hangup_by == "switch"


def _cancelled(call: _Call) -> str:
    return f"The caller hung up after {_seconds(call)} seconds, before {_who(call)} answered."


_CAUSES: tuple[tuple[Fits, str, Words], ...] = (
    (
        lambda call: call.code == 503 and call.record.kind == "" and call.record.route_source in _NOT_ASKED,
        "portal_away",
        lambda _: "The switch could not reach the portal and knew no earlier setting of this number.",
    ),
    (
        lambda call: call.code == 486 and _by_switch(call) and not call.legs,
        "too_many_calls",
        lambda call: f"{call.decision.channels} calls of the project were up already, as many as it may have at once.",
    ),
    (
        lambda call: call.code == 482,
        "loop",
        lambda _: "The call came back to our switch: it was sent round in a circle.",
    ),
    (lambda call: call.code in (486, 600), "busy", lambda call: f"The line was busy: {_who(call)}."),
    (lambda call: call.record.status == CallStatus.CANCELLED or call.code == 487, "caller_hung_up", _cancelled),
    (
        lambda call: _is(RouteKind.USERS)(call) and call.code in (404, 410, 480) and _seconds(call) < 3,
        "not_registered",
        lambda call: f"No app was signed in for {_who(call)}, so nothing could ring.",
    ),
    (lambda call: call.code in (603, 607, 608), "declined", lambda call: f"The call was declined: {_who(call)}."),
    (
        lambda call: call.code in (401, 407),
        "password_wanted",
        lambda call: f"{_who(call)} asks for a password. Let it accept calls from our switch without one.",
    ),
    (
        lambda call: call.code in (415, 488, 606),
        "no_common_codec",
        lambda call: f"{_who(call)} and the caller have no audio format in common.",
    ),
    (
        lambda call: call.code in (404, 410, 484, 604),
        "wrong_target",
        lambda call: f"{_who(call)} says that the number does not exist there (SIP response {call.code}).",
    ),
    (
        lambda call: call.code == 403,
        "target_refused",
        lambda call: f"{_who(call)} refused the call (SIP response 403).",
    ),
    (
        lambda call: _is(RouteKind.SIP)(call) and (call.code >= 500 or (call.code == 408 and _seconds(call) < 10)),
        "server_down",
        lambda call: f"There was no answer from {_who(call)}: it is down, or not reachable at this address.",
    ),
    (
        lambda call: _is(RouteKind.PSTN)(call) and call.code >= 500,
        "gateways_failed",
        lambda call: f"None of our gateways could connect the call to {_who(call)} (SIP response {call.code}).",
    ),
    (
        lambda call: call.record.status == CallStatus.NO_ANSWER or call.code in (408, 480),
        "no_answer",
        lambda call: f"It rang for {_seconds(call)} seconds and nobody answered: {_who(call)}.",
    ),
)
_ADVICE = {
    "server_down": Advice("Check the server and its firewall; it must accept calls from our switches."),
    "not_registered": Advice("Sign in to the app with the SIP password of the user, then call again."),
    "too_many_calls": Advice("Raise the number of calls at once.", "numbers:number_settings", "Number Settings"),
    "no_answer": Advice("Set a longer ring time, or a second step if nobody answers."),
    "portal_away": Advice("The fault was ours. Write to support if it happens again."),
}
