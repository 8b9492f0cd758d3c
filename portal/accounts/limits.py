"""How often a password or a code may be tried. The figures are in ``ACCOUNT_RATE_LIMITS``, the arithmetic in
docs/accounts.md.

A failure counts for the address *together with* the network it came from, so that a stranger elsewhere does not lock
the owner out; and, much later, for the address alone, against guessing from many networks. A browser that the owner
used before has a count of its own and none of the others. Nobody waits longer than the longest window, 15 minutes;
refused tries are not counted.
"""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit
from django.http import HttpRequest

from portal.accounts import known_browser
from portal.accounts.models import User
from portal.core.network import network

Count = tuple[str, str]  # an action of ACCOUNT_RATE_LIMITS, and whose count it is
APP = "allauth.account"


class Attempt:
    """An attempt at a secret: counted before the secret is looked at, rolled back when it was right."""

    def __init__(self, request: HttpRequest, counts: list[Count]) -> None:
        self._request, self._counts = request, counts
        self._usages: list[Any] = []

    def begin(self) -> bool:
        """False when there were too many already; nothing is counted then."""
        for action, key in self._counts:
            usage = ratelimit.consume(self._request, app=APP, action=action, key=key)
            if not usage:
                self.roll_back()
                return False
            self._usages.append(usage)
        return True

    def roll_back(self) -> None:
        while self._usages:
            self._usages.pop().rollback()


def _network(request: HttpRequest) -> str:
    return network(get_adapter().get_client_ip(request))


def password(request: HttpRequest, email: str) -> Attempt:
    """An attempt at the password of this address, whether or not there is an account."""
    email = email.lower()
    browser = known_browser.name_for(request, email)
    if browser:
        return Attempt(request, [("password_known_browser", browser)])
    return Attempt(
        request,
        [("login_failed", email), ("password_here", f"{email} {_network(request)}"), ("password_anywhere", email)],
    )


def authenticator_code(request: HttpRequest, user: User) -> Attempt:
    browser = known_browser.name_of(request, user)
    if browser:
        return Attempt(request, [("code_known_browser", browser)])
    return Attempt(request, [("code_here", f"{user.pk} {_network(request)}"), ("code_anywhere", str(user.pk))])


def recovery_code(request: HttpRequest, user: User) -> Attempt:
    """49 random bits need no count over all networks, which somebody else could use up."""
    return Attempt(request, [("code_here", f"recovery {user.pk} {_network(request)}")])


def forgive(request: HttpRequest, email: str) -> None:
    """After a new password by mail: what was counted for the old one no longer matters."""
    email = email.lower()
    for action, key in (("password_here", f"{email} {_network(request)}"), ("password_anywhere", email)):
        ratelimit.clear(request, app=APP, action=action, key=key)
