"""The queues of background work. Each has workers of its own, so that one kind of work waits for no other."""

from dataclasses import dataclass

DEFAULT = "default"  # money and numbers: short, in the database
MAIL = "mail"  # composing and delivering mail
DELIVER = "deliver"  # requests to the payment gateway and to customers' servers, which may be slow: a pool of threads
BULK = "bulk"  # exports, imports, the inspection of documents: long, and hungry for processor or memory


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds that one job may take: after ``soft`` it fails like any other, after ``hard`` its process is killed.

    Both hold in worker processes. A thread cannot be stopped: what runs in threads bounds itself.
    """

    soft: int
    hard: int


QUEUES = {DEFAULT: Limits(60, 90), MAIL: Limits(60, 90), DELIVER: Limits(60, 90), BULK: Limits(540, 600)}


def broker_name(prefix: str, queue: str) -> str:
    """As the broker knows the queue; ``prefix`` keeps installations that share one broker apart."""
    return f"{prefix}.{queue}"
