"""``python -m sandbox.receiver --port 8005 --back http://127.0.0.1:8000``"""

import argparse
import json
from dataclasses import asdict
from urllib.parse import parse_qs, urlencode, urlsplit

from sandbox.receiver import pages
from sandbox.receiver.behaviours import BEHAVIOURS, USUAL, Reply, reply
from sandbox.receiver.store import Received, Store
from sandbox.web import PageHandler, fields, serve

OWN_PATHS = ("/", "/receiver.css", "/requests.json", "/behave", "/favicon.ico")  # every other is a customer's
FORM = {"path": "/incomingsms", "behaviour": USUAL}


class Handler(PageHandler):
    store: Store
    url: str
    back: str

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        query = parse_qs(address.query)
        if address.path not in OWN_PATHS:
            self.receive("")
        elif address.path == "/receiver.css":
            self.answer(pages.STYLE, kind="text/css")
        elif address.path == "/requests.json":
            found = self.store.newest(query.get("path", [""])[0])
            self.answer(json.dumps([asdict(each) | {"at": each.at.isoformat()} for each in found]), kind="text/plain")
        elif address.path == "/":
            path = query.get("path", [FORM["path"]])[0]
            behaviour = self.store.behaviour(path) or USUAL
            shown = self.store.newest("")
            self.answer(pages.page(shown, path=path, behaviour=behaviour, url=self.url, back=self.back))
        else:
            self.answer("Not found", kind="text/plain", status=404)

    def do_POST(self) -> None:
        sent = self.body()
        if sent is None:
            return
        text = sent.decode("utf-8", "replace")
        address = urlsplit(self.path)
        if address.path not in OWN_PATHS:
            self.receive(text)
        elif address.path == "/behave":
            given = fields(text, FORM)
            path = "/" + urlsplit(given["path"]).path.lstrip("/")
            if path not in OWN_PATHS and given["behaviour"] in BEHAVIOURS:
                self.store.behave(path, given["behaviour"])
            self.redirect(f"/?{urlencode({'path': path})}")
        else:
            self.answer("Not found", kind="text/plain", status=404)

    def receive(self, body: str) -> None:
        address = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.store.add(Received(address.path, self.command, address.query, headers, body))
        self.send(reply(self.store.behaviour(address.path) or USUAL, headers.get("webhook-id", "")))

    def send(self, found: Reply) -> None:
        content = found.body.encode()
        self.send_response(found.status)
        for name, value in ({"Content-Type": "application/json"} | found.headers).items():
            self.send_header(name, value)
        if found.status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def main() -> None:
    parser = argparse.ArgumentParser(description="A customer's server for webhooks.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--back", required=True, help="address of the portal's pages")
    options = parser.parse_args()
    Handler.store, Handler.back, Handler.url = Store(), options.back, f"http://127.0.0.1:{options.port}"
    serve(Handler, options.port)


if __name__ == "__main__":
    main()
