"""``celery -A portal worker`` and ``celery -A portal beat``; an unsafe configuration stops both at start."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from celery import Celery
from celery.signals import beat_init, setup_logging, task_postrun, task_prerun, worker_init

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _keep_our_logging(**_: Any) -> None:
    """A receiver of this signal keeps Celery from replacing the JSON logs of the settings."""


@worker_init.connect
@beat_init.connect
def _refuse_unsafe_configuration(**_: Any) -> None:
    from portal.checks import problems

    if found := problems():
        raise SystemExit("Refusing to start:\n" + "\n".join(found))


@task_prerun.connect
def _log_with_task_id(task_id: str = "", **_: Any) -> None:
    from portal.middleware import request_id

    request_id.set(task_id)


@task_postrun.connect
def _forget_task_id(**_: Any) -> None:
    from portal.middleware import request_id

    request_id.set("")
