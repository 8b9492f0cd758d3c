"""``celery -A portal worker`` and ``celery -A portal beat``; ``portal/checks.py`` may keep both from starting."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from celery import Celery
from celery.signals import setup_logging, task_postrun, task_prerun

from portal.core.request_id import request_id

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _keep_our_logging(**_: Any) -> None:
    """A receiver of this signal keeps Celery from replacing the JSON logs of the settings."""


@task_prerun.connect
def _log_with_task_id(task_id: str = "", **_: Any) -> None:
    request_id.set(task_id)


@task_postrun.connect
def _forget_task_id(**_: Any) -> None:
    request_id.set("")
