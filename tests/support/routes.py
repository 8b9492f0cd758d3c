"""One half of what a form of the panel sets together, for tests that need no more."""

from dataclasses import replace
from datetime import datetime

from numbers.leases.models import Lease
from numbers.routing.route_settings import SecondStep
from numbers.routing.services import change_route
from projects.actor import Actor


def set_ring_seconds(*, lease: Lease, seconds: int, by: Actor, now: datetime) -> None:
    change_route(lease=lease, change=lambda set_: replace(set_, ring_seconds=seconds), by=by, now=now)


def set_fallback(*, lease: Lease, step: SecondStep, by: Actor, now: datetime) -> None:
    change_route(lease=lease, change=lambda set_: replace(set_, fallback=step), by=by, now=now)
