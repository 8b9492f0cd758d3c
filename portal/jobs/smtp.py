"""Delivery by SMTP within a total time, behind a breaker."""

import smtplib
import socket
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends import smtp

from portal.core import deadline
from portal.core.breaker import Breaker

# A mail server that refuses a recipient, a sender or a password has answered.
_ANSWERS = (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused, smtplib.SMTPNotSupportedError)
BREAKER = Breaker("mail server", OSError, answers=_ANSWERS)


class _Bounded(smtplib.SMTP):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        deadline.watch(self)
        super().__init__(*args, **kwargs)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return deadline.connect(host, port)


class _BoundedSSL(_Bounded, smtplib.SMTP_SSL):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self.context.wrap_socket(deadline.connect(host, port), server_hostname=host)


class EmailBackend(smtp.EmailBackend):
    """Django's, where ``EMAIL_TIMEOUT`` (seconds) is for the whole conversation and not from byte to byte.

    Raises smtplib.SMTPException, OSError, and ServiceUnavailable while the server is known not to answer.
    """

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _BoundedSSL if self.use_ssl else _Bounded

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        with BREAKER.guard(), deadline.within(settings.EMAIL_TIMEOUT):
            return super().send_messages(email_messages) or 0
