"""How often a page asks the database."""

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def query_count(client: Client, address: str, query: dict[str, Any] | None = None, **how: Any) -> int:
    """Statements of one page, which must be found. Savepoints are the test's, not the page's."""
    with CaptureQueriesContext(connection) as asked:
        page: Any = client.get(address, query or {}, **how)
        assert page.status_code == 200
        if page.streaming:
            b"".join(page.streaming_content)
    return sum("SAVEPOINT" not in each["sql"] for each in asked)
