"""Typed readers of environment variables; every setting of an installation comes through here.

A file named by ``PORTAL_ENV_FILE`` (default ``.env`` beside ``manage.py``) is read first and never overrides
what the environment already holds. Format: ``KEY=value`` lines; ``#`` starts a comment line. A value is everything
behind the ``=``, literally: no quotes, no ``$``, no comment after it, as docker compose reads it (``format: raw``).
"""

import os
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def load_file(path: Path) -> None:
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8-sig").split("\n"):
        key, separator, value = line.removesuffix("\r").lstrip().partition("=")
        if not separator or key.startswith("#"):
            continue
        if key != key.strip():
            raise ImproperlyConfigured(f"{path}: write {key.strip()}=… without blanks before the =.")
        os.environ.setdefault(key, value)


def text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"The environment variable {name} is required; see .env.example.")
    return value


def flag(name: str, default: bool = False) -> bool:
    value = os.environ.get(name, str(default)).strip().lower()
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} must be one of 1/0, true/false, yes/no, on/off; it is {value!r}.")
    return value in TRUE


def number(name: str, default: int) -> int:
    value = os.environ.get(name, str(default))
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number; it is {value!r}.") from None


def words(name: str, default: str = "") -> list[str]:
    """Comma-separated values, blanks dropped."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def address(url: str) -> SplitResult:
    """``scheme://user:password@host:port/name?…``. The password may end up anywhere in an address that is cut at the
    wrong place, so nothing of it is in the message."""
    try:
        parts = urlsplit(url)
        cut = parts.fragment or "@" in parts.path + parts.query
        if parts.scheme and not cut and parts.port != 0:
            return parts
    except ValueError:
        pass
    raise ImproperlyConfigured(
        "An address of the database cannot be read. In docker-compose.yml its passwords are letters and digits "
        "(DATABASE_PASSWORD, DATABASE_OWNER_PASSWORD); in DATABASE_URL other characters are percent-encoded."
    ) from None
