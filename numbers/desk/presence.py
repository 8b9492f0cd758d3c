"""Who else is looking at an order now. Heartbeats in the cache; nothing depends on them."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.core.cache import caches

from portal.accounts.models import User

T = TypeVar("T")
log = logging.getLogger(__name__)
BEAT_SECONDS = 4  # static/js/desk.js asks so often
STAYS_SECONDS = 15  # after the last beat: three may get lost
READS_SECONDS = 90  # after a page was loaded without scripts, which send no beats


def _key(order_id: int, user_id: int) -> str:
    return f"desk:here:{order_id}:{user_id}"


def arrive(order_id: int, user: User, *, seconds: int = STAYS_SECONDS) -> None:
    _quietly(lambda: caches["shared"].set(_key(order_id, user.pk), 1, seconds))


def leave(order_id: int, user: User) -> None:
    _quietly(lambda: caches["shared"].delete(_key(order_id, user.pk)))


def others(order_id: int, user: User, team: Iterable[User]) -> list[str]:
    """Names of those of ``team`` who look at it, without ``user``."""
    keys = {_key(order_id, each.pk): each.get_full_name() for each in team if each.pk != user.pk}
    found = _quietly(lambda: caches["shared"].get_many(keys)) or {}
    return sorted(name for key, name in keys.items() if key in found)


def _quietly(act: Callable[[], T]) -> T | None:
    """Without the cache the desk works on; nobody is seen."""
    try:
        return act()
    except Exception as error:
        log.warning("desk.presence_failed", extra={"error": type(error).__name__})
        return None
