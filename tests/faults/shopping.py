"""Customers and reviewers in a process of their own, whose broker and cache the test chooses.

    python -m tests.faults.shopping < {"session": …, "buys": [[address, values], …], "approve": [order ids]}

Purchases go through the pages, approvals through the service. Prints a line of JSON per act: [what, outcome, seconds].
"""

import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import django

import portal  # noqa: F401  gives `numbers` its path

THREADS = 8


def buy(session: str, address: str, values: dict[str, str]) -> Any:
    from django.test import Client

    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = session
    return client.post(address, values).status_code


def approve(order_id: int) -> str:
    from django.utils import timezone

    from numbers.compliance import approval
    from numbers.models import Order
    from projects.actor import SYSTEM

    order = Order.objects.get(pk=order_id)
    return approval.approve(order=order, by=SYSTEM, now=timezone.now()).status


def timed(what: str, act: Callable[[], Any]) -> tuple[str, Any, float]:
    from django.db import connection

    started = time.monotonic()
    try:
        return what, act(), round(time.monotonic() - started, 2)
    finally:
        connection.close()


def main() -> None:
    django.setup()
    wanted = json.load(sys.stdin)
    acts = [partial(timed, "buy", partial(buy, wanted["session"], *each)) for each in wanted["buys"]]
    acts += [partial(timed, "approve", partial(approve, pk)) for pk in wanted["approve"]]
    with ThreadPoolExecutor(THREADS) as pool:
        for outcome in pool.map(lambda act: act(), acts):
            print(json.dumps(outcome), flush=True)


if __name__ == "__main__":
    main()
