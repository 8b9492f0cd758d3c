"""A breaker before each service outside: one that does not answer is left alone for a while.

Without it every job that needs the service waits out its time limit, and a queue of them holds up everything else.
After ``FAILURES`` failures in a row the breaker opens: callers get :class:`ServiceUnavailable` at once, and the outbox
puts their jobs off without counting the attempt. After ``PAUSE`` one call is let through; its outcome decides.

The state is kept per process and in no store: it must work when the cache is away, and a process that has to find
out for itself loses ``FAILURES`` time limits.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

FAILURES = 3  # in a row
PAUSE = 10.0  # seconds
log = logging.getLogger(__name__)


class ServiceUnavailable(Exception):  # noqa: N818  named like the fact
    """``service`` has not answered lately; ask again from ``retry_at`` (UTC)."""

    def __init__(self, service: str, seconds: float) -> None:
        super().__init__(f"{service} has not answered lately.")
        self.service, self.retry_at = service, datetime.now(UTC) + timedelta(seconds=seconds)


class Breaker:
    """``failures``: the exceptions that mean that the service did not answer. Any other is an answer, and so are
    ``answers``, where they are subclasses of those."""

    def __init__(self, service: str, *failures: type[Exception], answers: tuple[type[Exception], ...] = ()) -> None:
        self.service, self._failures, self._answers = service, failures, answers
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        self._failed, self._open_until, self._probing = 0, 0.0, False

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Around one call. Raises ServiceUnavailable instead of calling while the breaker is open."""
        self._enter()
        try:
            yield
        except Exception as error:
            if isinstance(error, self._failures) and not isinstance(error, self._answers):
                self._failure(error)
            else:
                self._success()
            raise
        except BaseException:  # this process is being stopped; nothing was learnt
            self._probing = False
            raise
        else:
            self._success()

    def _enter(self) -> None:
        with self._lock:
            if self._failed < FAILURES:
                return
            left = self._open_until - time.monotonic()
            if left > 0 or self._probing:
                raise ServiceUnavailable(self.service, max(left, 1.0))
            self._probing = True

    def _failure(self, error: BaseException) -> None:
        with self._lock:
            self._failed, self._probing = self._failed + 1, False
            if self._failed >= FAILURES:
                self._open_until = time.monotonic() + PAUSE
                level = logging.ERROR if self._failed == FAILURES else logging.INFO  # once per outage
                log.log(level, "breaker.opened", extra={"service": self.service, "error": type(error).__name__})

    def _success(self) -> None:
        with self._lock:
            if self._failed >= FAILURES:
                log.warning("breaker.closed", extra={"service": self.service})
            self._failed, self._probing = 0, False
