"""Whether the SMSC has our answers: nothing acknowledges a ``deliver_sm_resp``.

PDUs of a connection come in order. So an ``enquire_link`` follows the answers, and when it is answered they were read
before. One is out at a time; the answers that are written meanwhile are confirmed by the next.
"""

from collections.abc import Callable

from .keys import Keys


class Confirming:
    """``enquire`` writes an enquire_link and returns its sequence number."""

    def __init__(self, keys: Keys, enquire: Callable[[], int]) -> None:
        self.keys, self.enquire = keys, enquire
        self.waiting: list[str] = []  # keys of messages that were answered since
        self.asked: list[str] = []  # before the enquire_link that is out
        self.sequence: int | None = None  # of it

    def add(self, key: str) -> None:
        """Its answer has been written."""
        self.waiting.append(key)
        self._ask()

    def heard(self, sequence: int) -> None:
        if sequence == self.sequence:
            self._settle(self.asked)
            self.asked, self.sequence = [], None
            self._ask()

    def all_heard(self) -> None:
        """The SMSC has answered the last that was written."""
        self._settle(self.asked + self.waiting)
        self.asked, self.waiting = [], []

    def give_up(self) -> None:
        """The connection has ended: what was not confirmed may come again."""
        for key in self.asked + self.waiting:
            self.keys.release(key)
        self.asked, self.waiting = [], []

    def _ask(self) -> None:
        if self.waiting and self.sequence is None:
            self.asked, self.waiting = self.waiting, []
            self.sequence = self.enquire()

    def _settle(self, keys: list[str]) -> None:
        for key in keys:
            self.keys.settle(key)
