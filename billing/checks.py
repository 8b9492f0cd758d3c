"""Start-up check: an installation whose payments are configured dangerously does not start."""

from typing import Any

from django.core.checks import CheckMessage, Error, register

from billing.payments.config import config_problems


@register("billing")
def payments(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    return [Error(text, id="billing.E001") for text in config_problems()]
