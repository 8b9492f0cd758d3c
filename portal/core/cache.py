"""Django's Redis cache, with a client that stays (for one server; there are no replicas to choose from), in two kinds.

``RedisCache`` raises while its server is away or full: for what all processes must agree about. ``LimitsCache`` goes on
in the memory of its process then: for limits, which must neither stop people nor vanish.

Django makes a new client object for every command; with redis-py 8 that costs more than the command itself. The
client is safe to share: each command takes a connection from the pool.

A server that no longer answers costs its time-out once in a while, not once per command: a page gives four of them.
"""

import logging
import time
from typing import Any

from django.core.cache.backends import redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache
from redis import Redis
from redis.exceptions import ConnectionError, RedisError, TimeoutError

log = logging.getLogger(__name__)
PAUSE = 10.0  # seconds in which a server that gave no answer is not asked again
MOST_IN_MEMORY = 20_000  # limits that one process counts alone; the oldest go first
# Monotonic, by server: of the whole process, so that its caches and threads do not each wait.
_away_until: dict[str, float] = {}


def forget_outages() -> None:
    """Every server is asked again at once."""
    _away_until.clear()


class _PatientRedis(Redis):
    server = ""

    def execute_command(self, *args: Any, **options: Any) -> Any:
        if time.monotonic() < _away_until.get(self.server, 0.0):
            raise ConnectionError("The cache gave no answer a moment ago.")
        try:
            return super().execute_command(*args, **options)
        except (ConnectionError, TimeoutError) as error:
            _away_until[self.server] = time.monotonic() + PAUSE
            log.warning("cache.away", extra={"error": type(error).__name__, "pause": PAUSE})
            raise


class _Client(redis.RedisCacheClient):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._client = _PatientRedis
        self._one: Any = None

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        if self._one is None:
            self._one = super().get_client(key, write=True)
            self._one.server = self._servers[0]  # type: ignore[attr-defined]  # missing in the stubs
        return self._one


class RedisCache(redis.RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _Client


class LimitsCache(RedisCache):
    """What could not be written to the server is kept here and counts here, until it expires."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._memory = LocMemCache(f"limits:{server}", params | {"OPTIONS": {"MAX_ENTRIES": MOST_IN_MEMORY}})

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        if self._memory.has_key(key, version):
            return False
        try:
            return bool(super().add(key, value, timeout, version))
        except RedisError:
            return self._memory.add(key, value, timeout, version)

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        if self._memory.has_key(key, version):
            return self._memory.get(key, default, version)
        try:
            return super().get(key, default, version)
        except RedisError:
            return default

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> None:
        try:
            super().set(key, value, timeout, version)
        except RedisError:
            self._memory.set(key, value, timeout, version)
        else:
            self._memory.delete(key, version)

    def incr(self, key: Any, delta: int = 1, version: Any = None) -> int:
        """Raises ValueError for a key that is not there, like every cache."""
        if not self._memory.has_key(key, version):
            try:
                return int(super().incr(key, delta, version))
            except RedisError:
                self._memory.add(key, 0, version=version)
        return self._memory.incr(key, delta, version)

    def delete(self, key: Any, version: Any = None) -> bool:
        here = self._memory.delete(key, version)
        try:
            return bool(super().delete(key, version)) or here
        except RedisError:
            return here

    def has_key(self, key: Any, version: Any = None) -> bool:
        return self.get(key, version=version) is not None

    def clear(self) -> None:
        self._memory.clear()
        super().clear()

    touch, get_many, set_many, delete_many = (
        BaseCache.touch,
        BaseCache.get_many,
        BaseCache.set_many,
        BaseCache.delete_many,
    )
