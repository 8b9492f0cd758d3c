"""Jobs of the tests. A real worker imports this module too (``--include``)."""

import socket
from typing import Any

from django.db import connection

from portal.jobs.models import OutgoingMail
from portal.jobs.outbox import job
from portal.jobs.queues import DELIVER


@job("test.note")
def note(payload: dict[str, Any]) -> None:
    """Leaves one row, so that what was done can be counted; waits first for a lock that the test may hold."""
    OutgoingMail.objects.create(subject=payload["mark"], sender="test@portal.example")
    if "lock" in payload:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [payload["lock"]])


@job("test.fail")
def fail(payload: dict[str, Any]) -> None:
    OutgoingMail.objects.create(subject="half done", sender="test@portal.example")
    raise ValueError("no luck")


@job("test.call", queue=DELIVER)
def call(payload: dict[str, Any]) -> None:
    """A request to a customer's server that takes the connection and does not answer."""
    with socket.create_connection(("127.0.0.1", payload["port"]), timeout=15) as wire:
        wire.recv(1)
