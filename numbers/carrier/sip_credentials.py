"""What a switch needs to check the registration of an app user: switch credential and app user in one indexed query.

Nothing is cached on our side: a new password and a deactivation count for the next question.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from numbers.carrier import credentials
from numbers.carrier.credentials import AcceptedSecret
from portal.core.errors import DomainError
from projects.app_users.passwords import decrypted
from projects.app_users.sip_domain import pid_of
from projects.app_users.usernames import fold, is_username
from projects.models import ProjectStatus

# Two spellings at most: the slash at the end of an address is optional, and a username may end with one.
CREDENTIALS_QUERY = f"""
SELECT {credentials.COLUMNS}, u.username, u.sip_password
FROM {credentials.TABLES}
LEFT JOIN projects_project p ON p.pid = %(pid)s AND p.status = %(active)s
LEFT JOIN projects_appuser u ON u.project_id = p.id AND u.username = ANY(%(usernames)s) AND u.is_active
WHERE {credentials.ACCEPTED}
ORDER BY length(u.username) DESC
LIMIT 1
"""  # noqa: S608  of constants


@dataclass(frozen=True, slots=True)
class SipCredentials:
    """Of an active app user. Name and domain as the switch wrote them: its telephone hashed these."""

    username: str
    domain: str
    sip_password: str  # encrypted

    def ha1(self) -> str:
        """MD5 of ``username:domain:password`` in hex (RFC 2617, section 3.2.2.2: the digest that SIP uses)."""
        clear = f"{self.username}:{self.domain}:{decrypted(self.sip_password)}"
        return hashlib.md5(clear.encode(), usedforsecurity=False).hexdigest()


def look_up_credentials(
    domain: str, username: str, secret_digest: str, now: datetime
) -> tuple[AcceptedSecret | None, SipCredentials | None]:
    """The secret of this digest if it is accepted, and the credentials of the app user, if there is an active one in an
    active project."""
    pid = pid_of(domain)
    spellings = [each for each in (username, username.removesuffix("/")) if is_username(fold(each))] if pid else []
    with connection.cursor() as cursor:
        cursor.execute(CREDENTIALS_QUERY, parameters(pid, spellings, secret_digest, now))
        row = cursor.fetchone()
    if row is None:
        return None, None
    name, sip_password = row[credentials.COLUMN_COUNT :]
    found = SipCredentials(username[: len(name)], domain, sip_password) if name is not None else None
    return credentials.read_row(row), found


def parameters(pid: str | None, spellings: Sequence[str], secret_digest: str, now: datetime) -> dict[str, Any]:
    """Of ``CREDENTIALS_QUERY``."""
    return {
        "pid": pid or "",
        "active": ProjectStatus.ACTIVE.value,
        "usernames": [fold(each) for each in spellings],
        "digest": secret_digest,
        "now": now,
    }


def unknown_app_user() -> DomainError:
    return DomainError("unknown_app_user", "There is no such app user, or it is deactivated.", status=404)
