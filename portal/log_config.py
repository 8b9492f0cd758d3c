"""Where log lines go and what becomes of them (portal/core/logging.py)."""

import sys
from typing import Any


def log_config(level: str) -> dict[str, Any]:
    """Django's ``LOGGING``."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "request": {"()": "portal.core.logging.RequestId"},
            "client": {"()": "portal.core.logging.ClientFault"},
        },
        "formatters": {"json": {"()": "portal.core.logging.JsonFormatter"}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "stream": sys.stderr,
                "formatter": "json",
                "filters": ["request", "client"],
            }
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.server": {"handlers": ["stderr"], "propagate": False},
            "django": {"handlers": [], "level": level},
        },
    }
