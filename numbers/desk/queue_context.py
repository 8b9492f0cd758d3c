"""What the template of the queue shows."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest

from numbers.desk import queue
from numbers.desk.forms import QueueForm
from portal.accounts.models import User


def queue_context(request: HttpRequest, *, user: User, now: datetime) -> dict[str, Any]:
    failed = queue.failed_activations()
    team = [(each.pk, each.get_full_name()) for each in queue.reviewers()]
    form = QueueForm(request.GET, countries_there=queue.countries(), team=team, auto_id="filter-%s")
    filters = form.filters()
    first = (filters["page"] - 1) * queue.PER_PAGE
    found = queue.find(filters, me=user, failed=failed)[first : first + queue.PER_PAGE + 1]
    rows = queue.rows(found, now=now, failed=failed)
    has_more = len(rows) > queue.PER_PAGE
    return {
        "title": "Orders", "form": form, "filters": filters, "rows": rows[: queue.PER_PAGE], "now": now,
        "tabs": _tabs(request, filters, queue.counts(failed)),
        "newer": query_with(request, page=filters["page"] - 1) if filters["page"] > 1 else "",
        "older": query_with(request, page=filters["page"] + 1) if has_more else "",
        "filtered": any(filters[name] for name in ("q", "country", "type", "who")),
    }  # fmt: skip


def query_with(request: HttpRequest, **changed: Any) -> str:
    """The address's query with other values, ready to be appended."""
    query = request.GET.copy()
    for name, value in changed.items():
        query[name] = str(value)
    return f"?{query.urlencode()}" if query else ""


def _tabs(request: HttpRequest, filters: dict[str, Any], counts: dict[str, int]) -> list[dict[str, Any]]:
    shown = [tab for tab in queue.TABS if tab != "all" or filters["tab"] == "all" or filters["q"]]
    return [
        {
            "name": tab,
            "label": queue.TABS[tab],
            "count": counts.get(tab),
            "here": tab == filters["tab"],
            "query": query_with(request, tab=tab, page=1),
        }
        for tab in shown
    ]
