"""Requests to servers that customers name, many at once, from a program that waits for none of them.

A :class:`Courier` is given requests and gives back answers in the order in which they come. Addresses are checked when
they are used: a name is looked up once, refused if any of its addresses is not public, and only a checked address is
connected to. Redirects are not followed, proxies of the environment not asked, cookies not kept.
"""

import asyncio
import itertools
import logging
import threading
from collections.abc import Hashable
from contextlib import suppress
from typing import Self

from portal.outbound.answers import Answer, Failure, OutboundRequest
from portal.outbound.exchange import Exchange, Limits
from portal.outbound.lookup import LookUp, addresses_of

__all__ = ["Answer", "Courier", "Failure", "Limits", "OutboundRequest"]

log = logging.getLogger(__name__)
_ENDED = Answer(Failure.ABORTED, "The request was broken off by us before there was an answer.")
_STOP_SECONDS = 5.0


class Courier:
    """A context manager with one background thread; its methods may be called from any thread.

    Each request that was sent has its result, also when the thread ends: then ``Failure.ABORTED``. At the end of the
    ``with`` block what is on its way is broken off; ``results(0)`` then still gives what had not been fetched.

    ``look_up`` and ``ca_file`` (PEM, trusted besides the system's) are for tests.
    """

    def __init__(
        self,
        *,
        most: int = 200,
        limits: Limits | None = None,
        look_up: LookUp = addresses_of,
        ca_file: str | None = None,
    ) -> None:
        self.most = most
        self._exchange = Exchange(most=most, limits=limits, look_up=look_up, ca_file=ca_file)
        self._changed = threading.Condition()
        self._under_way: dict[int, Hashable] = {}
        self._done: list[tuple[Hashable, Answer]] = []
        self._is_poked = self._has_ended = False
        self._tickets = itertools.count()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(RuntimeError):  # the loop has ended by itself
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(_STOP_SECONDS)

    @property
    def is_running(self) -> bool:
        """False once the thread has ended: whatever is sent then is aborted."""
        return self._loop is not None and not self._has_ended

    @property
    def in_flight(self) -> int:
        """Requests that have no answer yet."""
        return len(self._under_way)

    @property
    def free(self) -> int:
        """How many more can be sent without waiting for one another."""
        return max(self.most - self.in_flight, 0)

    def send(self, key: Hashable, request: OutboundRequest) -> None:
        """Returns at once. The answer comes under ``key``, which is only handed through."""
        with self._changed:
            ticket = next(self._tickets)
            self._under_way[ticket] = key
            if self._loop is not None and not self._has_ended:
                with suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(self._start, ticket, request)
                    return
        self._finish(ticket, _ENDED)

    def results(self, timeout: float) -> list[tuple[Hashable, Answer]]:
        """All answers since the last call; waits up to ``timeout`` seconds for the first, or for :meth:`poke`."""
        with self._changed:
            self._changed.wait_for(lambda: self._done or self._is_poked, timeout)
            found, self._done, self._is_poked = self._done, [], False
            return found

    def poke(self) -> None:
        """Lets a ``results`` that waits, or else the next one, return at once with what there is."""
        with self._changed:
            self._is_poked = True
            self._changed.notify_all()

    def _finish(self, ticket: int, answer: Answer) -> None:
        with self._changed:
            if ticket in self._under_way:
                self._done.append((self._under_way.pop(ticket), answer))
                self._changed.notify_all()

    def _run(self) -> None:
        """The thread."""
        try:
            asyncio.run(self._serve())
        except BaseException:
            log.exception("the thread for requests to customers' servers ended")
        finally:
            with self._changed:
                self._has_ended = True
                left = list(self._under_way)
            for ticket in left:
                self._finish(ticket, _ENDED)
            self._ready.set()

    async def _serve(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        async with self._exchange:
            self._loop = asyncio.get_running_loop()
            self._ready.set()
            await self._stop.wait()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, ticket: int, request: OutboundRequest) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(ticket, request))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a request to a customer's server ended with an error of ours", exc_info=error)

    async def _deliver(self, ticket: int, request: OutboundRequest) -> None:
        answer = _ENDED
        try:
            answer = await self._exchange.answer(request)
        finally:
            self._finish(ticket, answer)
