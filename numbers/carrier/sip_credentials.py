"""What a switch needs to check the registration of an app user: switch credential and app user in one indexed query.

Nothing is cached on our side: a new password and a deactivation count for the next question.
"""

import hashlib
from dataclasses import dataclass

from django.db import connection

from numbers.carrier.models import SwitchCredential
from portal.core.errors import DomainError
from projects.app_users.passwords import decrypted
from projects.app_users.sip_domain import pid_of
from projects.app_users.usernames import fold, is_username
from projects.models import ProjectStatus

# Two spellings at most: the slash at the end of an address is optional, and a username may end with one.
CREDENTIALS_QUERY = """
SELECT c.id, c.switch_id, c.scopes, c.networks, c.last_used_at, u.username, u.sip_password
FROM numbers_switchcredential c
LEFT JOIN projects_project p ON p.pid = %s AND p.status = %s
LEFT JOIN projects_appuser u ON u.project_id = p.id AND u.username = ANY(%s) AND u.is_active
WHERE c.secret_digest = %s AND c.revoked_at IS NULL
ORDER BY length(u.username) DESC
LIMIT 1
"""


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
    domain: str, username: str, secret_digest: str
) -> tuple[SwitchCredential | None, SipCredentials | None]:
    """The switch credential of this digest unless revoked, and those of the app user, if there is an active one in an
    active project."""
    pid = pid_of(domain)
    spellings = [each for each in (username, username.removesuffix("/")) if is_username(fold(each))] if pid else []
    with connection.cursor() as cursor:
        usernames = [fold(each) for each in spellings]
        cursor.execute(CREDENTIALS_QUERY, [pid or "", ProjectStatus.ACTIVE.value, usernames, secret_digest])
        row = cursor.fetchone()
    if row is None:
        return None, None
    switch = SwitchCredential(id=row[0], switch_id=row[1], scopes=row[2], networks=row[3], last_used_at=row[4])
    if row[5] is None:
        return switch, None
    return switch, SipCredentials(username[: len(row[5])], domain, row[6])


def unknown_app_user() -> DomainError:
    return DomainError("unknown_app_user", "There is no such app user, or it is deactivated.", status=404)
