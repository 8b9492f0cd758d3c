"""Rate limits: fixed windows of a minute, counted in Redis, shared by every web process.

A limit protects; it must not become the fault. When Redis is away or full, each process counts alone.
"""

import time

from django.core.cache import cache

from portal.core.errors import DomainError
from portal.core.network import client_address, network

WINDOW = 60  # seconds
__all__ = ["TooManyRequestsError", "check", "client_address", "count", "hit"]


class TooManyRequestsError(DomainError):
    """Carries ``retry_after`` in seconds, for the ``Retry-After`` header."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            "rate_limited",
            f"Too many requests. Try again in {retry_after} seconds.",
            status=429,
            retry_after=retry_after,
        )


def _window(limit: str, who: str) -> tuple[str, int]:
    """``who`` may be an address: it counts by its network."""
    now = int(time.time())
    return f"rate:{limit}:{network(who)}:{now // WINDOW}", WINDOW - now % WINDOW


def hit(limit: str, who: str, *, per_minute: int) -> None:
    """Counts one call of ``who``. Raises TooManyRequestsError beyond ``per_minute``; 0 = no limit."""
    if per_minute and count(limit, who) > per_minute:
        raise TooManyRequestsError(_window(limit, who)[1])


def check(limit: str, who: str, *, per_minute: int) -> None:
    """Like :func:`hit` without counting: for failures, which are counted only when they happen."""
    key, left = _window(limit, who)
    if per_minute and cache.get(key, 0) >= per_minute:
        raise TooManyRequestsError(left)


def count(limit: str, who: str) -> int:
    """Counts one more and returns how many there were in this window."""
    key, left = _window(limit, who)
    try:
        cache.add(key, 0, timeout=left + WINDOW)
        return int(cache.incr(key))
    except ValueError:  # the window's key expired between the two
        return 1
