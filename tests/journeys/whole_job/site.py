"""The running demo from outside: its mailbox, its REST calls, and an authenticator app."""

import base64
import json
import time
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from sandbox import totp


class Site:
    def __init__(self, facts):
        self.facts, self.url = facts, facts["url"]

    def mail(self, to, part, patience=30):
        """The newest mail to ``to`` with ``part`` in its subject or in a link; waits for the worker to send it."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            with urlopen(f"{self.facts['mailbox_url']}/messages.json?to={to}") as answer:
                for mail in json.load(answer):
                    if part in mail["subject"] or any(part in link for link in mail["links"]):
                        return mail
            time.sleep(0.1)
        raise AssertionError(f"no mail about {part} reached {to}")

    def link(self, to, part):
        return next(link for link in self.mail(to, part)["links"] if part in link)

    def call(self, path, form=None, auth=""):
        """What curl gets: (status, the JSON of the body)."""
        request = Request(self.url + path, data=urlencode(form).encode() if form else None)
        if auth:
            request.add_header("Authorization", "Basic " + base64.b64encode(auth.encode()).decode())
        try:
            with urlopen(request) as answer:
                return answer.status, json.load(answer)
        except HTTPError as error:
            return error.code, json.load(error)


class App:
    """An authenticator app that never shows a code twice: half a minute early, the next one is accepted, too."""

    def __init__(self, secret):
        self.secret, self.used = secret, 0

    def code(self):
        self.used = max(int(time.time()) // totp.STEP_SECONDS, self.used + 1)
        return totp.code(self.secret, at=self.used * totp.STEP_SECONDS)
