"""Does the time of an answer tell whether an address has an account? Medians in one run, with the production hasher.

    python -m bench.accounts [--rounds 60]

Starts its own PostgreSQL and Valkey under var/bench. Sign-in with a wrong password, sign-up and reset are sent for
addresses that are known, on hold, waiting for their activation, and unknown, in turn and in a changing order, so that
what else the machine does falls on all of them. Printed are the medians of the clock and of the processor's time; exit
status 1 when the latter are 5 ms or more apart. On a quiet machine the former are, too; on a busy one the hash of a
password waits for its neighbours. What the processor does not show, the statements and cache commands, is the same
for every address: tests/accounts/test_same_work.py.
"""

import argparse
import gc
import random
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.engines import configure, engines

FOLDER = Path(__file__).resolve().parent.parent / "var" / "bench" / "accounts"
ALLOWED = 5.0  # milliseconds between the medians of two kinds of address
Taken = dict[str, dict[str, list[tuple[float, float]]]]
WRONG = "not the password 1"


def prepare() -> dict[str, str]:
    from django.test import Client

    from portal.accounts.models import User
    from portal.jobs.outbox import run_due_jobs
    from tests.accounts import steps
    from tests.support.people import make_user

    kinds = {kind: f"{kind.replace(' ', '')}@customer.example" for kind in ("known", "on hold", "waiting", "unknown")}
    make_user(email=kinds["known"])
    make_user(email=kinds["on hold"])
    User.objects.filter(email=kinds["on hold"]).update(is_active=False)
    steps.sign_up(Client(), email=kinds["waiting"], jobs=False)
    run_due_jobs()
    return kinds


def acts() -> dict[str, Callable[[Any, str], Callable[[], Any]]]:
    from tests.accounts import steps

    def sign_up(client: Any, email: str) -> Callable[[], Any]:
        data = steps.sign_up_data(email=email, captcha=steps.solve(client))
        return lambda: client.post("/accounts/signup/", data)

    return {
        "sign-in": lambda client, email: lambda: steps.login(client, email=email, password=WRONG),
        "sign-up": sign_up,
        "reset": lambda client, email: lambda: client.post("/accounts/password/reset/", {"email": email}),
    }


def measure(rounds: int, kinds: dict[str, str]) -> Taken:
    """(clock, processor) in milliseconds from the request to its answer, by act and kind. Two rounds only warm up."""
    from django.core.cache import cache
    from django.test import Client

    from portal.accounts.models import SignUp

    taken: Taken = defaultdict(lambda: defaultdict(list))
    for _ in range(rounds + 2):
        for name, act in acts().items():
            for kind, email in random.sample(list(kinds.items()), len(kinds)):
                cache.clear()  # limits
                client = Client()
                client.get("/accounts/login/")
                send = act(client, email)
                gc.collect()
                clock, processor = time.perf_counter(), time.thread_time()
                send()
                taken[name][kind].append(
                    ((time.perf_counter() - clock) * 1000, (time.thread_time() - processor) * 1000)
                )
        SignUp.objects.exclude(email=kinds["waiting"]).delete()
    return {name: {kind: times[2:] for kind, times in by_kind.items()} for name, by_kind in taken.items()}


def report(taken: Taken) -> bool:
    good = True
    for name, by_kind in taken.items():
        for position, what in enumerate(("clock", "processor")):
            medians = {kind: statistics.median(each[position] for each in times) for kind, times in by_kind.items()}
            apart = max(medians.values()) - min(medians.values())
            good = good and (what == "clock" or apart < ALLOWED)
            figures = ", ".join(f"{kind} {median:.1f}" for kind, median in medians.items())
            print(f"{name:8} {what:10} {figures} ms; {apart:.2f} ms apart")
    return good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    arguments = parser.parse_args()
    with engines(FOLDER) as (database, redis):
        configure(
            database,
            redis,
            ALLOWED_HOSTS="testserver",
            ALTCHA_MAX_NUMBER="1000",
            EMAIL_DELIVERY_BACKEND="django.core.mail.backends.dummy.EmailBackend",
        )
        kinds = prepare()
        return 0 if report(measure(arguments.rounds, kinds)) else 1


if __name__ == "__main__":
    sys.exit(main())
