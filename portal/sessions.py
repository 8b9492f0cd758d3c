"""Sessions in the cache with the database behind them, which go on from the database while the cache is away.

Django's own backend answers every request with an error then. Signing out stays an error while the cache is away: a
session that could only be removed from the database would come back with the cache.
"""

import logging
from typing import Any

from django.contrib.sessions.backends import cached_db, db
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


class SessionStore(cached_db.SessionStore):
    def load(self) -> dict[str, Any]:
        try:
            data: dict[str, Any] = super().load()
        except RedisError as error:  # read from the database, but not stored in the cache
            log.warning("sessions.cache_away", extra={"error": type(error).__name__})
            data = db.SessionStore.load(self)
        return data

    def exists(self, session_key: str) -> bool:
        try:
            return bool(super().exists(session_key))
        except RedisError:
            return bool(db.SessionStore.exists(self, session_key))
