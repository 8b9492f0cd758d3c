"""The page of the customer's server: what came, and how it answers."""

import html
import json
from pathlib import Path
from string import Template
from urllib.parse import urlencode

from sandbox.receiver.behaviours import BEHAVIOURS
from sandbox.receiver.store import Received

HERE = Path(__file__).parent
PAGE = Template((HERE / "page.html").read_text(encoding="utf-8"))
STYLE = (HERE / "receiver.css").read_text(encoding="utf-8")
SHOWN_HEADERS = ("content-type", "user-agent", "authorization")


def page(received: list[Received], *, path: str, behaviour: str, url: str, back: str) -> str:
    choices = "".join(
        f'<label><input type="radio" name="behaviour" value="{name}"{" checked" if name == behaviour else ""}> '
        f"{html.escape(each.words)}</label>"
        for name, each in BEHAVIOURS.items()
    )
    cards = "".join(map(_card, received)) or '<p class="soft">Nothing has come yet.</p>'
    return PAGE.substitute(
        path=html.escape(path),
        choices=choices,
        example=html.escape(f"{url}/incomingsms"),
        back=html.escape(back),
        here=html.escape(f"/?{urlencode({'path': path})}"),
        received=f'<section aria-label="Requests">{cards}</section>',
    )


def _card(received: Received) -> str:
    line = f"{received.method} {received.path}{'?' + received.query if received.query else ''}"
    headers = [
        f"{name}: {value}"
        for name, value in received.headers.items()
        if name.startswith(("webhook-", "x-")) or name in SHOWN_HEADERS
    ]
    text = "\n".join([line, *headers, "", _pretty(received.body)]).rstrip()
    when = f"<strong>{received.at:%H:%M:%S} UTC</strong>"
    return f'<div class="card">{when}<pre tabindex="0">{html.escape(text)}</pre></div>'


def _pretty(body: str) -> str:
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body
