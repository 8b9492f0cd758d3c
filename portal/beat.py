"""What beat sends, and how often."""

from collections.abc import Sequence
from typing import Any

from portal.jobs.queues import BULK, DEFAULT, DELIVER, QUEUES, broker_name


def schedule(prefix: str) -> dict[str, Any]:
    """Celery's ``beat_schedule``; ``prefix`` as in ``broker_name``.

    Each of these tasks is harmless when it runs twice, at once or late; one that nobody took is not kept.
    """

    def every(seconds: float, task: str, *, queue: str = DEFAULT, args: Sequence[str] = ()) -> dict[str, object]:
        options = {"queue": broker_name(prefix, queue), "expires": seconds}
        return {"task": task, "schedule": seconds, "args": args, "options": options}

    return {
        **{f"jobs.sweep.{queue}": every(10.0, "portal.jobs.sweep", queue=queue, args=[queue]) for queue in QUEUES},
        "jobs.canary": every(30.0, "portal.jobs.canary"),
        "payments.reconcile": every(60.0, "billing.reconcile", queue=DELIVER),
        "ledger.check": every(3600.0, "billing.check_ledger", queue=BULK),
        "numbers.count_stock": every(180.0, "numbers.count_stock", queue=BULK),
        "numbers.charge_months": every(300.0, "numbers.charge_months"),
        "numbers.watch_credit": every(3600.0, "numbers.watch_credit", queue=BULK),
        "numbers.follow_unpaid": every(300.0, "numbers.follow_unpaid"),
        "numbers.end_quarantine": every(300.0, "numbers.end_quarantine"),
        "numbers.resume_handovers": every(300.0, "numbers.resume_handovers"),
        "numbers.expire_orders": every(600.0, "numbers.expire_orders"),
        "numbers.follow_inspections": every(60.0, "numbers.follow_inspections"),
        "numbers.watch_documents": every(3600.0, "numbers.watch_documents", queue=BULK),
        "numbers.follow_spending": every(60.0, "numbers.follow_spending"),
        "numbers.keep_call_records": every(3600.0, "numbers.keep_call_records", queue=BULK),
        "numbers.keep_messages": every(3600.0, "numbers.keep_messages", queue=BULK),
        "numbers.join_overdue_parts": every(30.0, "numbers.join_overdue_parts"),
        "numbers.follow_routing_imports": every(60.0, "numbers.follow_routing_imports"),
        "projects.follow_imports": every(60.0, "projects.follow_imports"),
        "numbers.forget_routing_imports": every(3600.0, "numbers.forget_routing_imports", queue=BULK),
        "projects.forget_imports": every(3600.0, "projects.forget_imports", queue=BULK),
        "webhooks.deliver": every(5.0, "webhooks.deliver", queue=DELIVER),
        "projects.watch_endpoints": every(3600.0, "projects.watch_endpoints", queue=BULK),
        "projects.forget_deliveries": every(3600.0, "projects.forget_deliveries", queue=BULK),
        "projects.watch_push_credentials": every(3600.0, "projects.watch_push_credentials", queue=BULK),
        "accounts.forget_sign_ups": every(3600.0, "accounts.forget_sign_ups", queue=BULK),
        "jobs.tidy": every(6 * 3600.0, "portal.jobs.tidy", queue=BULK),
    }
