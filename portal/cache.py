"""Django's Redis cache, with a client that stays (for one server; there are no replicas to choose from).

Django makes a new client object for every command; with redis-py 8 that costs more than the command itself. The
client is safe to share: each command takes a connection from the pool.

A server that no longer answers costs its time-out once in a while, not once per command: a page gives four of them.
"""

import time
from typing import Any

from django.core.cache.backends import redis
from redis import Redis
from redis.exceptions import ConnectionError, TimeoutError

PAUSE = 5.0  # seconds in which a server that gave no answer is not asked again


class _PatientRedis(Redis):
    away_until = 0.0  # monotonic

    def execute_command(self, *args: Any, **options: Any) -> Any:
        if time.monotonic() < self.away_until:
            raise ConnectionError("The cache gave no answer a moment ago.")
        try:
            return super().execute_command(*args, **options)
        except (ConnectionError, TimeoutError):
            self.away_until = time.monotonic() + PAUSE
            raise


class _Client(redis.RedisCacheClient):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._client = _PatientRedis
        self._one: Any = None

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        if self._one is None:
            self._one = super().get_client(key, write=True)
        return self._one


class RedisCache(redis.RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _Client
