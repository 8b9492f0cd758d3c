"""HTML as a regular expression can read it, however its template breaks the lines."""

import re


def flat(html):
    """On one line: no tag is broken, no text has space at the edge of its element, classes are apart by one space."""
    html = re.sub(r"\s+", " ", html)
    html = re.sub(r'class="([^"]*)"', lambda found: f'class="{" ".join(found[1].split())}"', html)
    html = re.sub(r" (/?>|</)", r"\1", html)
    return re.sub(r"(<[a-z][^<>]*>) ", r"\1", html)
