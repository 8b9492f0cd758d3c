"""The portal: takes a message and says what became of it."""

import http.client
import json
import ssl
import threading
from typing import Any
from urllib.parse import urlsplit

from . import pdu
from .settings import Settings

PATH = "/carrier/v1/sms/inbound"
_AGAIN = {401, 403, 408, 425, 429}  # of the 4xx: a mistake here or there, which somebody will mend
_UNKNOWN_NUMBER = 404


class Portal:
    """A connection for each thread, kept open. ``url``: of the portal, or with the path of the carrier API."""

    def __init__(self, settings: Settings) -> None:
        parts = urlsplit(settings.portal_url)
        self.host, self.port, self.secret = parts.hostname or "", parts.port, settings.portal_secret
        self.path = parts.path.rstrip("/").removesuffix("/carrier/v1") + PATH
        self.timeout = settings.portal_timeout
        self.tls = ssl.create_default_context() if parts.scheme == "https" else None
        self.kept = threading.local()

    def hand_over(self, message: dict[str, Any], key: str) -> tuple[int, str]:
        """The HTTP status and the portal's word for it.

        Raises OSError and HTTPException when it did not answer: whether it has the message is unknown then, and the
        same ``key`` tells it."""
        body = json.dumps(message).encode()
        headers = {
            "Authorization": f"Bearer {self.secret}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        status, answer = self._send(body, headers)
        try:
            found = json.loads(answer)
            return status, str(found.get("error") or found.get("status") or "")
        except (ValueError, AttributeError):
            return status, ""

    def _send(self, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        if (connection := getattr(self.kept, "connection", None)) is not None:
            try:
                return self._exchange(connection, body, headers)
            except TimeoutError:
                raise
            except (OSError, http.client.HTTPException):
                pass  # it was closed while nobody used it
        return self._exchange(self._connection(), body, headers)

    def _exchange(
        self, connection: http.client.HTTPConnection, body: bytes, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        self.kept.connection = None
        try:
            connection.request("POST", self.path, body, headers)
            response = connection.getresponse()
            answer = response.read(10_000)
        except BaseException:
            connection.close()
            raise
        if response.will_close or not response.isclosed():
            connection.close()
        else:
            self.kept.connection = connection
        return response.status, answer

    def _connection(self) -> http.client.HTTPConnection:
        if self.tls:
            return http.client.HTTPSConnection(self.host, self.port, timeout=self.timeout, context=self.tls)
        return http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)


def status_for_smsc(status: int) -> int:
    """``command_status`` for the portal's answer. Whatever may be better later is temporary."""
    if status in (200, 202):
        return pdu.OK
    if status == _UNKNOWN_NUMBER:
        return pdu.INVALID_DESTINATION
    return pdu.PERMANENT_ERROR if 400 <= status < 500 and status not in _AGAIN else pdu.TEMPORARY_ERROR
