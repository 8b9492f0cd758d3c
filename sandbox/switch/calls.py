"""One pretend call, over the carrier API as any switch would do it: route, what happens, call records."""

import base64
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

TIMEOUT = 10  # seconds
ENDINGS = {
    "answered": "Somebody answers",
    "busy": "The line is busy",
    "nobody": "Nobody answers",
    "cancelled": "The caller hangs up",
    "down": "The server or gateway is down",
}
CODES = {"answered": 200, "busy": 486, "nobody": 480, "cancelled": 487, "down": 503}


@dataclass(frozen=True, slots=True)
class Portal:
    """Where the carrier API is, and the switch's credential."""

    url: str
    switch_id: str
    secret: str

    def call(self, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON of the answer; (0, …) when there is none."""
        token = base64.b64encode(f"{self.switch_id}:{self.secret}".encode()).decode()
        headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        try:
            with urlopen(Request(self.url + path, data, headers), timeout=TIMEOUT) as answer:
                return answer.status, json.loads(answer.read())
        except HTTPError as error:
            try:
                return error.code, json.loads(error.read())
            except ValueError:
                return error.code, {"error": "unreadable"}
        except (URLError, OSError, ValueError):
            return 0, {"error": "portal_away"}


@dataclass(slots=True)
class PretendCall:
    """``seconds``: how long it rings and, if it is answered, how long it lasts."""

    did: str
    caller: str
    ending: str
    seconds: int
    status: int = 0
    answer: dict[str, Any] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    reported: dict[str, Any] = field(default_factory=dict)

    def make(self, portal: Portal) -> "PretendCall":
        call_id = f"{secrets.token_hex(8)}@sandbox"
        query = urlencode({"call_id": call_id, "from": self.caller})
        self.status, self.answer = portal.call(f"/carrier/v1/routes/{quote(self.did)}?{query}")
        if self.status == 200:
            self._ring()
        else:
            self.lines.append(f"The portal refuses the call: {self.status} {self.answer.get('error', '')}")
        records = self._records(call_id)
        status, self.reported = portal.call(
            "/carrier/v1/cdrs", {"batch_id": secrets.token_hex(12), "switch_id": portal.switch_id, "cdrs": records}
        )
        self.lines.append(f"Call records sent: {status}, {self.reported.get('accepted', 0)} accepted")
        return self

    def _ring(self) -> None:
        rings = ", ".join(route["uri"] for route in self.answer["routes"])
        together = "together" if self.answer["routing"] == "parallel" else "one after the other"
        self.lines.append(f"It rings ({self.answer['kind']}, {together}): {rings}")
        if "fallback" in self.answer and self.ending != "answered":
            rings = ", ".join(route["uri"] for route in self.answer["fallback"]["routes"])
            self.lines.append(f"Then, because nobody answered: {rings}")
        self.lines.append(ENDINGS[self.ending])
        longest = self.answer.get("limits", {}).get("max_seconds")
        if self.ending == "answered" and longest is not None and self.seconds > longest:
            self.lines.append(f"The switch hangs up after {longest} seconds, as the portal said")
            self.seconds = longest

    def _records(self, call_id: str) -> list[dict[str, str]]:
        answered = self.ending == "answered" and self.status == 200
        end = time.time() - 1
        start = end - self.seconds - (5 if answered else 0)
        common = {
            "call_id": call_id,
            "did": self.did,
            "caller": self.caller,
            "start_time": f"{start:.3f}",
            "end_time": f"{end:.3f}",
            "duration": str(self.seconds if answered else 0),
            "sip_code": str(CODES[self.ending] if self.status == 200 else {402: 402, 403: 403}.get(self.status, 480)),
            "hangup_by": "caller" if self.ending in ("answered", "cancelled") else "callee",
            "route_source": "portal",
            "kind": str(self.answer.get("kind", "")),
            "route_etag": str(self.answer.get("etag", "")),
        }
        if self.status != 200:
            common["hangup_by"] = "switch"
        if answered:
            common |= {"answer_time": f"{start + 5:.3f}", "answered_by": self._last_uri()}
        records = [common | {"cdr_id": f"{call_id}-in", "leg": "in"}]
        if common["kind"] == "pstn":
            user, _, gateway = self._last_uri().removeprefix("sip:").partition("@")
            out = {"cdr_id": f"{call_id}-out", "leg": "out", "target": user, "gateway": gateway, "attempt": "1"}
            records.append(common | out)
        return records

    def _last_uri(self) -> str:
        return str(self.answer["routes"][0]["uri"])
