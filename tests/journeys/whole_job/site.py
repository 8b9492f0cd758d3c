"""The running demo from outside: its mailbox, its REST calls, and an authenticator app."""

import base64
import json
import time
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from sandbox import totp
from sandbox.tour import visit


class Site:
    def __init__(self, facts):
        self.facts, self.url = facts, facts["url"]

    def mail(self, to, part):
        return visit.mail_about(self.facts, to, part)

    def link(self, to, part):
        return visit.link_in_mail(self.facts, to, part)

    def call(self, path, form=None, auth="", at=""):
        """What curl gets: (status, the JSON of the body). ``at``: another server of the demo than the portal."""
        request = Request((at or self.url) + path, data=urlencode(form).encode() if form else None)
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
