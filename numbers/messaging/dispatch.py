"""Where new messages go on to their delivery."""

from collections.abc import Sequence
from datetime import datetime

from numbers.messaging.models import Message


def dispatch(messages: Sequence[Message], now: datetime) -> None:
    """Called with each whole message once, in the transaction that stores it."""
