"""For the list of sessions."""

from django import template

register = template.Library()

# First match wins: Edge and Opera call themselves Chrome too, Chrome calls itself Safari.
BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
HANDHELDS = {"iPhone", "iPad", "Android"}


def _first(table: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for mark, name in table if mark in text), "")


@register.filter
def browser(user_agent: str) -> str:
    """``Mozilla/5.0 (X11; Linux x86_64) … Chrome/156`` → ``Chrome on Linux``; what is not known stays as it is."""
    name, system = _first(BROWSERS, user_agent), _first(SYSTEMS, user_agent)
    return f"{name} on {system}" if name and system else user_agent[:80] or "Unknown browser"


@register.filter
def is_handheld(user_agent: str) -> bool:
    return _first(SYSTEMS, user_agent) in HANDHELDS
