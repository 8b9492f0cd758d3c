"""What exists at the gateway: plain dicts in Stripe's shape. Names that begin with ``_`` never leave the process."""

import json
import secrets
import time
from typing import Any

Object = dict[str, Any]


class GatewayError(Exception):
    """Answered in Stripe's error envelope."""

    def __init__(self, status: int, kind: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"type": kind, "message": message, **details}}


def bad_request(message: str, **details: Any) -> GatewayError:
    return GatewayError(400, "invalid_request_error", message, **details)


def new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


def view(item: Object) -> Object:
    """As an answer or an event carries it: a copy without private names."""
    public = {name: value for name, value in item.items() if not name.startswith("_")}
    return json.loads(json.dumps(public))


class Store:
    def __init__(self) -> None:
        self._items: dict[str, Object] = {}

    def put(self, prefix: str, kind: str, **values: Any) -> Object:
        item: Object = {
            "id": new_id(prefix), "object": kind, "created": int(time.time()), "livemode": False, "metadata": {},
        } | values  # fmt: skip
        self._items[item["id"]] = item
        return item

    def get(self, item_id: str, kind: str | None = None) -> Object:
        item = self._items.get(item_id)
        if item is None or (kind and item["object"] != kind):
            raise GatewayError(
                404, "invalid_request_error", f"No such {kind or 'object'}: '{item_id}'", code="resource_missing"
            )
        return item

    def of_kind(self, kind: str, **equal: Any) -> list[Object]:
        """Newest first, as Stripe lists."""
        found = [
            item
            for item in self._items.values()
            if item["object"] == kind and all(item.get(name) == value for name, value in equal.items())
        ]
        return found[::-1]
