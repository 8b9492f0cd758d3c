"""Structured JSON logs: one object per line, with the request id, and without secrets."""

import logging
import re

from pythonjsonlogger.json import JsonFormatter as BaseFormatter

from portal.middleware import request_id

SECRET = re.compile(
    r"ptk_[0-9A-Za-z]{8,}|(?:sk|rk|whsec)_[0-9A-Za-z_]{8,}|[Bb]earer\s+\S+|[Bb]asic\s+[A-Za-z0-9+/=]{8,}"
    r"|(?i:(?:authtoken|password\w*|secret|token|otp_token|csrfmiddlewaretoken|sessionid|otpauth)[\"']?\s*[=:]\s*[\"']?[^\s&\"',}]+)"
)


def scrub(text: str) -> str:
    return SECRET.sub("[scrubbed]", text)


class RequestId(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class Scrubber(logging.Filter):
    """Secrets never reach a log, whatever a message or an argument holds."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = scrub(record.getMessage()), ()
        return True


class JsonFormatter(BaseFormatter):
    def __init__(self) -> None:
        super().__init__("{levelname}{name}{message}", style="{", timestamp="at",
                         rename_fields={"levelname": "level", "name": "logger"})

    def format(self, record: logging.LogRecord) -> str:
        return scrub(super().format(record))
