"""``python -m sandbox.switch --port 8004 --portal http://127.0.0.1:8003 --back http://127.0.0.1:8000``

The secret of the switch comes from the environment, SANDBOX_SWITCH_SECRET.
"""

import argparse
import os
from urllib.parse import urlsplit

from sandbox.switch import pages
from sandbox.switch.calls import ENDINGS, Portal, PretendCall
from sandbox.switch.messages import MOST, PretendMessage
from sandbox.web import PageHandler, fields, serve

LONGEST = 14_400  # seconds
SMS = {"to": "", "sender": "+442079460001", "text": "Hello from a phone."}
CALL = {"did": "", "caller": "+442079460001", "ending": "answered", "seconds": "30"}


class Handler(PageHandler):
    portal: Portal
    back: str

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path == "/switch.css":
            self.answer(pages.STYLE, kind="text/css")
        elif address.path == "/":
            self.answer(pages.form(**fields(address.query, CALL), back=self.back))
        elif address.path == "/sms":
            self.answer(pages.sms_form(**fields(address.query, SMS), back=self.back))
        else:
            self.answer("Not found", kind="text/plain", status=404)

    def do_POST(self) -> None:
        sent = self.body()
        if sent is None:
            return
        encoded = sent.decode("utf-8", "replace")
        if urlsplit(self.path).path == "/sms":
            self.send_sms(fields(encoded, SMS))
        else:
            self.make_call(fields(encoded, CALL))

    def make_call(self, given: dict[str, str]) -> None:
        if error := _error(given):
            self.answer(pages.form(**given, back=self.back, error=error), status=422)
            return
        call = PretendCall(given["did"], given["caller"], given["ending"], int(given["seconds"])).make(self.portal)
        self.answer(pages.form(**given, back=self.back, done=pages.outcome(call.lines)))

    def send_sms(self, given: dict[str, str]) -> None:
        if not given["to"] or len(given["text"]) > MOST:
            error = "Enter the number that it is sent to." if not given["to"] else f"At most {MOST} characters."
            self.answer(pages.sms_form(**given, back=self.back, error=error), status=422)
            return
        sent = PretendMessage(given["to"], given["sender"], given["text"]).send(self.portal)
        self.answer(pages.sms_form(**given, back=self.back, done=pages.outcome(sent.lines)))


def _error(given: dict[str, str]) -> str:
    if not given["did"]:
        return "Enter the number that is called."
    if given["ending"] not in ENDINGS:
        return "Choose what happens."
    seconds = given["seconds"]
    if not (seconds.isascii() and seconds.isdecimal() and 0 < int(seconds) <= LONGEST):
        return f"Seconds are a whole number from 1 to {LONGEST}."
    return ""


def main() -> None:
    parser = argparse.ArgumentParser(description="The demo's switch.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--portal", required=True, help="address of the carrier API")
    parser.add_argument("--back", required=True, help="address of the portal's pages")
    parser.add_argument("--switch-id", default="demo-switch")
    options = parser.parse_args()
    Handler.portal = Portal(options.portal, options.switch_id, os.environ["SANDBOX_SWITCH_SECRET"])
    Handler.back = options.back
    serve(Handler, options.port)


if __name__ == "__main__":
    main()
