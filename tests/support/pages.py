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
    """The HTML of an answer, which must have this status, as :func:`flat` gives it."""
    assert page.status_code == status, page.content.decode()[:2000]
    return flat(page.content.decode())


def flat(html: str) -> str:
    """HTML as a regular expression can read it, however its template breaks the lines.

    It is on one line: no tag is broken, no text has space at the edge of its element, classes are one space apart.
    """
    html = re.sub(r"\s+", " ", html)
    html = re.sub(r'class="([^"]*)"', lambda found: f'class="{" ".join(found[1].split())}"', html)
    html = re.sub(r" (/?>|</)", r"\1", html)
    return re.sub(r"(<[a-z][^<>]*>) ", r"\1", html)
