"""A browser in which somebody signed in completely before: a signed cookie that lives long.

It opens nothing and skips nothing. It only has its own count of wrong passwords and codes, so that strangers who use
up the others cannot lock the owner out (:mod:`portal.accounts.limits`). A new password makes it worthless.
"""

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, get_random_string, salted_hmac

from portal.accounts.models import User

SALT = "accounts.known-browser"
AGE = 180 * 86400  # seconds


def cookie_name() -> str:
    return f"{settings.COOKIE_PREFIX}known"


def _fingerprint(user: User) -> str:
    return salted_hmac(SALT, user.get_session_auth_hash(), algorithm="sha256").hexdigest()[:32]


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Call when the person has shown everything that a sign-in asks, or opened a link in their own mailbox."""
    value = [user.pk, name_of(request, user) or get_random_string(16), _fingerprint(user)]
    response.set_cookie(
        cookie_name(),
        signing.dumps(value, salt=SALT),
        max_age=AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.HTTPS,
    )


def _read(request: HttpRequest) -> tuple[int, str, str] | None:
    try:
        pk, name, fingerprint = signing.loads(request.COOKIES.get(cookie_name(), ""), salt=SALT, max_age=AGE)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return pk, name, fingerprint


def name_of(request: HttpRequest, user: User) -> str:
    """This browser's name when ``user`` signed in here before, otherwise ""."""
    known = _read(request)
    if known is None or known[0] != user.pk or not constant_time_compare(known[2], _fingerprint(user)):
        return ""
    return known[1]


def name_for(request: HttpRequest, email: str) -> str:
    """As :func:`name_of`, for an address that was typed. Strangers have no cookie and cause no query."""
    known = _read(request)
    user = User.objects.filter(pk=known[0], email=email.lower()).first() if known else None
    return name_of(request, user) if user else ""
