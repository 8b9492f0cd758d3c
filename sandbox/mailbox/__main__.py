"""``python -m sandbox.mailbox --port 8001 --smtp-port 8025 --folder var/demo/mail``"""

import argparse
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller

from sandbox.mailbox import pages
from sandbox.mailbox.store import Store
from sandbox.web import PageHandler, serve


class Intake:
    """aiosmtpd's handler: whatever comes over SMTP is kept."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.store.add(envelope.content)
        return "250 Message accepted"


class Handler(PageHandler):
    store: Store
    policy = pages.PAGE_POLICY

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        query = parse_qs(address.query)
        match address.path:
            case "/":
                self.answer(pages.inbox(self.store.newest(query.get("to", [""])[0])))
            case "/newest":
                self.answer(str(max((mail.id for mail in self.store.newest()), default=0)), kind="text/plain")
            case "/messages.json":
                mails = self.store.newest(query.get("to", [""])[0])
                self.answer(pages.as_json(mails), kind="application/json")
            case "/mailbox.css":
                self.answer(pages.STYLE, kind="text/css")
            case "/mailbox.js":
                self.answer(pages.SCRIPT, kind="text/javascript")
            case path:
                self.one_mail(path, as_text=query.get("as") == ["text"])

    def one_mail(self, path: str, *, as_text: bool) -> None:
        match = re.fullmatch(r"/(\d{1,9})(/frame)?", path)
        mail = self.store.get(int(match[1])) if match else None
        if match is None or mail is None:
            self.answer(pages.page("Not found", "<p>There is no such mail.</p>"), status=404)
        elif match[2]:
            self.answer(pages.frame(mail), policy=pages.FRAME_POLICY)
        else:
            self.answer(pages.mail_page(mail, as_text=as_text))


def main() -> None:
    parser = argparse.ArgumentParser(description="The demo's mailbox.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    store = Store(options.folder)
    smtp = Controller(Intake(store), hostname="127.0.0.1", port=options.smtp_port)
    smtp.start()
    Handler.store = store
    try:
        serve(Handler, options.port)
    finally:
        smtp.stop()


if __name__ == "__main__":
    main()
