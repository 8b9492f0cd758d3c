"""Start-up check of what an import may withdraw."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register
def withdraw_limit(**kwargs: Any) -> list[CheckMessage]:
    if 0 <= settings.WITHDRAW_LIMIT_PERCENT <= 100:
        return []
    return [Error("WITHDRAW_LIMIT_PERCENT must be 0 to 100.", id="numbers.E030")]
