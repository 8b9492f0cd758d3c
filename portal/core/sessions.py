"""Sessions in the database alone (docs/adr/0018), read without the ORM: each page of somebody signed in does it."""

import re
from typing import Any

from django.contrib.sessions.backends import db
from django.db import connection
from django.utils import timezone

KEY = re.compile(r"[0-9a-z]{8,40}")  # what Django's keys look like
_LOAD = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(db.SessionStore):
    def _validate_session_key(self, key: str | None) -> bool:
        """Any other cookie is none: in quotes it may hold a NUL, which the database refuses with an error."""
        return bool(key and KEY.fullmatch(key))

    def load(self) -> dict[str, Any]:
        with connection.cursor() as cursor:
            cursor.execute(_LOAD, [self.session_key, timezone.now()])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        return self.decode(row[0])
