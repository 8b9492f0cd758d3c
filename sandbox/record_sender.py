"""A switch's uploader of call records: it sends a batch unchanged until the portal has answered it."""

import http.client
import json
import time
from dataclasses import dataclass, field
from typing import Any

FINAL = {200, 400, 413, 422}  # everything else: send it again


@dataclass
class RecordSender:
    """One connection to ``127.0.0.1:port`` at a time; not for several threads."""

    port: int
    secret: str
    patience: float = 120.0  # seconds for one batch
    tries: int = 0
    _connection: http.client.HTTPConnection | None = field(default=None, repr=False)

    def send(self, body: bytes) -> dict[str, Any]:
        """The answer. Raises RuntimeError for a refusal, and TimeoutError when the portal stays away."""
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline:
            self.tries += 1
            try:
                status, answer = self._try(body)
            except (OSError, http.client.HTTPException):
                self.close()
                time.sleep(0.05)
                continue
            if status == 200:
                return dict(json.loads(answer))
            if status in FINAL:
                raise RuntimeError(f"{status}: {answer!r}")
            time.sleep(0.05)
        raise TimeoutError(f"no answer within {self.patience} s")

    def _try(self, body: bytes) -> tuple[int, bytes]:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json"}
        self._connection.request("POST", "/carrier/v1/cdrs", body, headers)
        response = self._connection.getresponse()
        answer = response.read()
        if response.will_close:
            self.close()
        return response.status, answer

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
