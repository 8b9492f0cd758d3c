"""Lists that page by keyset: the addresses of components/pager.html."""

from typing import Any
from urllib.parse import urlencode


def page_urls(
    path: str, filters: dict[str, Any], *, cursor: str, current: Any, following: Any, fragment: str = ""
) -> dict[str, str]:
    """``first_url`` and ``next_url``, each "" where there is no such page.

    ``cursor`` is the parameter that says where a page begins, ``current`` its value for this page and ``following`` for
    the next one. Empty filters are left out; ``fragment`` is the id that the page scrolls to.
    """
    return {
        "first_url": _address(path, filters, fragment) if current else "",
        "next_url": _address(path, filters | {cursor: following}, fragment) if following else "",
    }


def _address(path: str, query: dict[str, Any], fragment: str) -> str:
    filled = urlencode({name: value for name, value in query.items() if value})
    return path + (f"?{filled}" if filled else "") + (f"#{fragment}" if fragment else "")
