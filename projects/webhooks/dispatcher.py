"""Sends what is due: claims, hands over to the courier, records. One at a time in a process; any number of processes.

A task of the ``deliver`` queue (:mod:`projects.webhooks.tasks`). It lives while there is something to do and a little
longer, and for at most ``LIFE``; then beat or a wake-up starts the next one.
"""

import logging
import threading
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from portal.outbound.client import Courier
from projects.webhooks import claiming, secrets
from projects.webhooks.flights import Flight
from projects.webhooks.recording import record

log = logging.getLogger(__name__)
LIFE = 30.0  # seconds in which it takes up something new; requests that it has in hand may take as long again
LINGER = timedelta(seconds=6)  # for what becomes due so soon it waits; the first retry comes after five seconds
TICK = 0.25  # seconds between looks for something due, when nothing else happens
PAUSE = 0.03  # seconds between two looks at least: more results are then recorded, and more claimed, in one go


class Dispatcher:
    def __init__(self, courier: Courier, *, linger: timedelta = LINGER) -> None:
        self._courier, self._linger = courier, linger
        self._flights: dict[tuple[int, int], Flight] = {}  # Flight.key
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Nothing new is begun; what is on its way is waited for and recorded."""
        self._stopping.set()
        self._courier.poke()

    def poke(self) -> None:
        """Something became due."""
        self._courier.poke()

    def run(self, *, life: float = LIFE) -> int:
        """Returns when nothing is left to do soon; how many attempts it made."""
        until, done, looked = time.monotonic() + life, 0, 0.0
        while True:
            taking = time.monotonic() < until and not self._stopping.is_set()
            claimed = self._claim() if taking else 0
            if not self._flights and not claimed and (not taking or not self._soon()):
                return done
            wait = PAUSE - (time.monotonic() - looked)
            if wait > 0:
                time.sleep(wait)
            looked = time.monotonic()
            done += self._land(self._courier.results(TICK))

    def _claim(self) -> int:
        now = timezone.now()
        claimed = claiming.claim(limit=self._courier.free, now=now)
        if claimed:
            keys = secrets.signing_keys({each.project_id for each in claimed}, now)
            flights = [Flight(each, keys[each.project_id]) for each in claimed]
            self._send_on(flights, now)
        return len(claimed)

    def _send_on(self, flights: Sequence[Flight], now: datetime) -> int:
        """Sends the next request of each; those of which the attempt is over are recorded. How many were."""
        over, further = [], []
        for flight in flights:
            request = flight.next_request(now)
            if request is None:
                self._flights.pop(flight.key, None)
                over.append(flight)
                continue
            if flight.tries:
                further.append(flight.claimed.id)
            self._flights[flight.key] = flight
            self._courier.send(flight.key, request)
        if further:
            claiming.extend(further, now)
        record(over, now)
        return len(over)

    def _land(self, results: Sequence[tuple[object, object]]) -> int:
        now = timezone.now()
        landed = []
        for key, answer in results:
            flight = self._flights[key]  # type: ignore[index]
            flight.answered(answer, now)  # type: ignore[arg-type]
            landed.append(flight)
        return self._send_on(landed, now) if landed else 0

    def _soon(self) -> bool:
        """What is due already waits for its endpoint's turn."""
        now = timezone.now()
        return claiming.is_due(before=now + self._linger, after=now)


class _Station:
    """At most one dispatcher in a process: who comes second lets the first look again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._current: Dispatcher | None = None
        self._again = False

    def enter(self, dispatcher: Dispatcher) -> bool:
        with self._lock:
            if self._current is None:
                self._current, self._again = dispatcher, False
                return True
            self._again = True
            self._current.poke()
            return False

    def leave(self) -> bool:
        """False: somebody came meanwhile, and the dispatcher is to look once more."""
        with self._lock:
            if self._again:
                self._again = False
                return False
            self._current = None
            return True

    def give_up(self) -> None:
        with self._lock:
            self._current = None

    def stop(self) -> None:
        with self._lock:
            if self._current is not None:
                self._current.stop()


_station = _Station()


def dispatch(*, life: float = LIFE) -> int:
    """Runs a dispatcher, unless this process has one: then that one looks at once. How many attempts were made."""
    courier = Courier(most=settings.WEBHOOKS_AT_ONCE)
    dispatcher = Dispatcher(courier)
    if not _station.enter(dispatcher):
        return 0
    done = 0
    try:
        # Mostly beat finds nothing to do: then there is no need for a thread, a session and the authorities of TLS.
        while not claiming.is_due(before=timezone.now() + LINGER):
            if _station.leave():
                return 0
        with courier:
            done += dispatcher.run(life=life)
            while not _station.leave():
                done += dispatcher.run(life=life)
    except BaseException:
        _station.give_up()
        raise
    return done


def stop() -> None:
    """The worker is to end: see :meth:`Dispatcher.stop`."""
    _station.stop()
