"""What is read on a page."""

import re
from typing import Any


def words(html: str) -> str:
    """The words of a piece of HTML: its tags are left out, white space is one blank."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def text(page: Any) -> str:
    """The words of an answer (see :func:`words`)."""
    return words(page.content.decode())


def html(page: Any, status: int = 200) -> str:
    """The HTML of an answer, which must have this status."""
    assert page.status_code == status, page.content.decode()[:2000]
    return page.content.decode()
