"""How a customer's server may answer."""

import json
import time
from dataclasses import dataclass
from typing import Any

SLOW_SECONDS = 20  # longer than the portal waits
USUAL = "delivered"


@dataclass(frozen=True, slots=True)
class Behaviour:
    words: str
    status: int = 200
    seconds: int = 0


BEHAVIOURS = {
    USUAL: Behaviour("Takes it, with the guide's answer"),
    "empty": Behaviour("Takes it, 204 without a body", 204),
    "envelope": Behaviour("Says in the guide's answer that it failed"),
    "error": Behaviour("500 Internal Server Error", 500),
    "busy": Behaviour("503, and asks to wait a minute", 503),
    "gone": Behaviour("410 Gone", 410),
    "slow": Behaviour(f"Is silent for {SLOW_SECONDS} seconds", seconds=SLOW_SECONDS),
}


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: str
    headers: dict[str, str]


def reply(name: str, message_id: str) -> Reply:
    """Waits first, where the behaviour does."""
    behaviour = BEHAVIOURS[name]
    time.sleep(behaviour.seconds)
    headers = {"Retry-After": "60"} if name == "busy" else {}
    return Reply(behaviour.status, "" if behaviour.status == 204 else json.dumps(_answer(name, message_id)), headers)


def _answer(name: str, message_id: str) -> dict[str, Any]:
    """The guide's (3.3, table 7)."""
    status = BEHAVIOURS[name].status
    if status >= 400:
        return {"status": "Failed", "code": status}
    word = "UNDELIV" if name == "envelope" else "DELIVRD"
    return {"status": "Success", "resp": {message_id: word}, "code": 200}
