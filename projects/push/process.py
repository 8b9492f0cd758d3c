"""The process that opens keys and certificates of customers: the parameters in a file decide how long that takes, and
the library that does it runs no other thread meanwhile. :mod:`projects.push.inspection` starts it."""

import sys
from typing import Any

from portal.core import limited_process
from portal.core.errors import DomainError
from projects.push import apple, google

APPLE, GOOGLE = "apple", "google"


def main() -> None:
    order = limited_process.order_from_input()
    limited_process.bound(order["seconds"], order["wall_seconds"])
    data = sys.stdin.buffer.read()
    limited_process.lock_in()
    limited_process.reply(_answer(order, data))


def _answer(order: dict[str, Any], data: bytes) -> dict[str, Any]:
    try:
        if order["task"] == APPLE:
            return apple.read(data, order["content"], order["password"])
        return google.read(data)
    except DomainError as refused:
        return {"code": refused.code, "message": refused.message, "field": refused.field}
    except Exception as error:
        words = apple.damaged()
        return {"code": words.code, "message": words.message, "field": "file", "because": type(error).__name__}
