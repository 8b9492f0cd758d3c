"""What a customer's server got, newest first, and how it is to answer. In memory: gone with the process."""

import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime

KEPT = 200


@dataclass(frozen=True, slots=True)
class Received:
    path: str
    method: str
    query: str
    headers: dict[str, str]
    body: str
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


class Store:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._received: deque[Received] = deque(maxlen=KEPT)
        self._behaviours: dict[str, str] = {}

    def add(self, received: Received) -> None:
        with self._lock:
            self._received.appendleft(received)

    def newest(self, path: str) -> list[Received]:
        """Of one path; "" for all."""
        with self._lock:
            return [each for each in self._received if not path or each.path == path]

    def behave(self, path: str, behaviour: str) -> None:
        with self._lock:
            self._behaviours[path] = behaviour

    def behaviour(self, path: str) -> str:
        """ "" until one was chosen."""
        with self._lock:
            return self._behaviours.get(path, "")

    def clear(self) -> None:
        with self._lock:
            self._received.clear()
