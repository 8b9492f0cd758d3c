"""The mailbox's pages. A mail's HTML is shown in a frame that may run nothing and load nothing."""

import html
import json
import re
from pathlib import Path
from string import Template

from sandbox.mailbox.store import Mail, ago

FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'self'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox "
    "allow-top-navigation-by-user-activation"
)
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
LINK = re.compile(r"https?://[^\s<>\"]+")

HERE = Path(__file__).parent
PAGE = Template((HERE / "page.html").read_text(encoding="utf-8"))
STYLE = (HERE / "mailbox.css").read_text(encoding="utf-8")
SCRIPT = (HERE / "mailbox.js").read_text(encoding="utf-8")


def page(title: str, content: str) -> str:
    return PAGE.substitute(title=html.escape(title), content=content)


def inbox(mails: list[Mail]) -> str:
    newest = mails[0].id if mails else 0
    rows = "".join(
        f'<li><a href="/{mail.id}"><span class="subject">{html.escape(mail.header("Subject") or "(no subject)")}'
        f'</span><span class="soft">{ago(mail.received_at)}</span>'
        f'<span class="soft">to {html.escape(mail.header("To"))}</span></a></li>'
        for mail in mails
    )
    body = (
        f'<ul class="list">{rows}</ul>'
        if rows
        else (
            '<div class="card empty">No mail yet. Sign up in the portal, or ask for a new password: '
            "what it sends shows up here.</div>"
        )
    )
    return page("Demo mailbox", f'<div data-newest="{newest}">{body}</div><script src="/mailbox.js"></script>')


def mail_page(mail: Mail, *, as_text: bool) -> str:
    heads = "".join(
        f"<dt>{name}</dt><dd>{html.escape(mail.header(name))}</dd>" for name in ("Subject", "From", "To", "Date")
    )
    has_html = bool(mail.body("html"))
    if has_html and not as_text:
        body = f'<iframe title="The mail" src="/{mail.id}/frame"></iframe>'
    else:
        body = f"<pre>{linked(mail.body('plain'))}</pre>"
    tabs = ""
    if has_html:
        here = ' aria-current="page"'
        tabs = (
            f'<a href="/{mail.id}"{"" if as_text else here}>HTML</a>'
            f'<a href="/{mail.id}?as=text"{here if as_text else ""}>Text</a>'
        )
    return page(
        mail.header("Subject"),
        f'<nav><a href="/">← All mails</a>{tabs}</nav><article class="card"><dl>{heads}</dl>{body}</article>',
    )


def linked(text: str) -> str:
    parts, end = [], 0
    for match in LINK.finditer(text):
        address = match[0].rstrip(".,;)")
        parts.append(html.escape(text[end : match.start()]))
        parts.append(f'<a href="{html.escape(address)}">{html.escape(address)}</a>')
        end = match.start() + len(address)
    return "".join(parts) + html.escape(text[end:])


def frame(mail: Mail) -> str:
    return '<base target="_top">' + mail.body("html")


def as_json(mails: list[Mail]) -> str:
    return json.dumps(
        [
            {
                "id": mail.id,
                "to": mail.header("To"),
                "from": mail.header("From"),
                "subject": mail.header("Subject"),
                "text": mail.body("plain"),
                "html": mail.body("html"),
                "links": LINK.findall(mail.body("plain")),
            }
            for mail in mails
        ]
    )
