#!/usr/bin/env python3
"""Writes kannel.conf: the template with the settings of a file filled in.

    configure.py kannel.conf.in kannel.env > /etc/kannel/kannel.conf

Standard library only.
"""

import re
import sys
from urllib.parse import urlsplit

_LINE = re.compile(r"\s*(?:#.*)?|\s*([A-Z_]+)\s*=\s*(.*?)\s*")
_FORBIDDEN = re.compile(r'["\\\x00-\x1f]')  # Kannel's file has no way to write them
LONGEST_CREDENTIAL = 57  # bytes with the colon; Kannel breaks the header behind them, and the portal would answer 400
MAY_BE_EMPTY = {"SMSC_SYSTEM_TYPE"}


class BadSettings(Exception):  # noqa: N818  named like what it is
    """One sentence that names the setting."""


def read(text: str) -> dict[str, str]:
    """``NAME=value`` lines; ``#`` begins a comment line."""
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        match = _LINE.fullmatch(line)
        if match is None:
            raise BadSettings(f"Line {number} is not NAME=value.")
        if match[1]:
            found[match[1]] = match[2]
    return found


def portal(settings: dict[str, str]) -> str:
    """The portal's address with the credential in it. Kannel takes that as it is written: it decodes nothing."""
    parts = urlsplit(settings.get("PORTAL_URL", ""))
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise BadSettings("PORTAL_URL is an address like https://carrier.your-company.com, without a path.")
    user, secret = settings.get("SWITCH_ID", ""), settings.get("SWITCH_SECRET", "")
    for name, value in (("SWITCH_ID", user), ("SWITCH_SECRET", secret)):
        if not re.fullmatch(r"[A-Za-z0-9._~-]+", value):
            raise BadSettings(f"{name} is missing or holds what an address cannot hold.")
    if len(f"{user}:{secret}") > LONGEST_CREDENTIAL:
        raise BadSettings(f"SWITCH_ID and SWITCH_SECRET have more than {LONGEST_CREDENTIAL - 1} characters together.")
    return f"{parts.scheme}://{user}:{secret}@{parts.netloc}"


def filled(template: str, settings: dict[str, str]) -> str:
    """Raises BadSettings for a setting that is missing or cannot be written."""
    values = settings | {"PORTAL": portal(settings)}

    def value(match: re.Match[str]) -> str:
        name = match[1]
        found = values.get(name, "")
        if not found and name not in MAY_BE_EMPTY:
            raise BadSettings(f"{name} is missing.")
        if _FORBIDDEN.search(found):
            raise BadSettings(f"{name} holds a quote, a backslash or a control character, which Kannel cannot read.")
        if name.endswith(("_PORT", "_SECONDS")) and not re.fullmatch(r"[0-9]{1,5}", found):
            raise BadSettings(f"{name} is a number.")
        return found

    return re.sub(r"@([A-Z_]+)@", value, template)


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)  # noqa: T201
        return 2
    texts = []
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            texts.append(file.read())
    try:
        sys.stdout.write(filled(texts[0], read(texts[1])))
    except BadSettings as bad:
        print(f"{sys.argv[2]}: {bad}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
