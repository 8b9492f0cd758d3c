"""ClamAV, where ``CLAMAV_ADDRESS`` names a clamd: its INSTREAM command over TCP. Only a clear "OK" lets a file pass."""

import logging
import socket
import struct
import time
from contextlib import suppress

from django.conf import settings

from numbers.documents.inspection.limited import unavailable
from numbers.documents.rejections import infected
from portal.core import deadline
from portal.core.breaker import Breaker, ServiceUnavailable

CONNECT_SECONDS, SECONDS = 2, 5  # the second for everything
BREAKER = Breaker("virus scanner", OSError)
CHUNK = 65_536
CLEAN, FOUND = b"stream: OK", b" FOUND"
log = logging.getLogger(__name__)


def check(data: bytes) -> None:
    """Raises ``document_infected``, and ``document_check_unavailable`` when there is no clear answer in time."""
    if not settings.CLAMAV_ADDRESS:
        return
    try:
        with BREAKER.guard():
            answer = _ask(data)
    except (OSError, ValueError, ServiceUnavailable) as error:
        log.error("documents.scanner_unreachable", extra={"error": type(error).__name__})  # noqa: TRY400  no secret of the file in a trace
        raise unavailable() from error
    if answer == CLEAN:
        return
    if answer.endswith(FOUND):
        found = answer.removeprefix(b"stream: ").removesuffix(FOUND).decode("ascii", "replace")[:80]
        log.warning("documents.infected", extra={"found": found})
        raise infected(found)
    log.error("documents.scanner_failed", extra={"answer": answer[:200].decode("ascii", "replace")})
    raise unavailable()


def _ask(data: bytes) -> bytes:
    host, _, port = settings.CLAMAV_ADDRESS.rpartition(":")
    end = time.monotonic() + SECONDS
    with deadline.connect(host.strip("[]"), int(port), seconds=CONNECT_SECONDS) as clamd:
        with suppress(BrokenPipeError, ConnectionResetError):  # it has heard enough; its answer says why
            _send(clamd, b"zINSTREAM\0", end)
            for start in range(0, len(data), CHUNK):
                part = data[start : start + CHUNK]
                _send(clamd, struct.pack("!I", len(part)) + part, end)
            _send(clamd, struct.pack("!I", 0), end)
        answer = b""
        while b"\0" not in answer and len(answer) < 4096:
            clamd.settimeout(_left(end))
            part = clamd.recv(1024)
            if not part:
                break
            answer += part
    return answer.partition(b"\0")[0].strip()


def _send(clamd: socket.socket, part: bytes, end: float) -> None:
    clamd.settimeout(_left(end))
    clamd.sendall(part)


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
