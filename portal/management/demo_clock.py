"""The demo's past, played in order of time: what is stored while a step runs carries the time of the step."""

import heapq
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from typing import Self

from django.utils import timezone

Scenario = Iterator[datetime]  # does a piece at a time, and says when the next one is to happen


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """``timezone.now()`` is ``moment``, for the defaults of models, too. Never outside of the demo."""

    class Stopped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return moment  # type: ignore[return-value]

    before = timezone.datetime  # type: ignore[attr-defined]
    timezone.datetime = Stopped  # type: ignore[attr-defined]
    try:
        yield
    finally:
        timezone.datetime = before  # type: ignore[attr-defined]


def play(begin: datetime, *scenarios: Scenario) -> None:
    """Each scenario yields the time of its first piece before it does anything. A step back raises ValueError."""
    waiting: list[tuple[datetime, int, Scenario]] = []
    for place, scenario in enumerate(scenarios):
        _wait(waiting, begin, place, scenario)
    while waiting:
        moment, place, scenario = heapq.heappop(waiting)
        with at(moment):
            _wait(waiting, moment, place, scenario)


def _wait(waiting: list[tuple[datetime, int, Scenario]], since: datetime, place: int, scenario: Scenario) -> None:
    following = next(scenario, None)
    if following is None:
        return
    if following < since:
        raise ValueError(f"{following} comes after {since}")
    heapq.heappush(waiting, (following, place, scenario))
