"""Drafts of forms that were refused because the session had expired: restored after the sign-in.

Each page of somebody signed in says in its forms whose it is (``signed_in_as``, signed). A draft is restored for that
person alone, within half an hour, by a random key in the address of the page. Nothing is ever sent by itself.
"""

import re
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from allauth.core import ratelimit
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, QueryDict

from portal.accounts.models import User

OWNER, PARAMETER = "signed_in_as", "kept"
SALT = "accounts.form-of"
SECONDS = 1800
MOST_FIELDS, MOST_CHARACTERS = 500, 20_000
# No secret is saved, and nothing that is typed or ticked to confirm an act: that is asked anew.
_NOT_SAVED = re.compile(
    rf"passw|secret|captcha|token|otp|typed|confirm|^headers$|^(saved|terms|agree|unopened)$|^{OWNER}$"
)


@dataclass(frozen=True, slots=True)
class FormDraft:
    """``path`` is where it was sent."""

    path: str
    fields: dict[str, list[str]]


def owner_token(request: HttpRequest) -> str:
    """Signed, for the forms of a page; "" for a page of nobody. Made once for all of them."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return ""
    made = vars(request)
    if "_form_owner" not in made:
        made["_form_owner"] = signing.Signer(salt=SALT).sign(str(user.pk))
    return str(made["_form_owner"])


def owner_of(request: HttpRequest) -> int | None:
    """The person whose page the form stood on."""
    try:
        return int(signing.Signer(salt=SALT).unsign(request.POST.get(OWNER, "")))
    except (signing.BadSignature, ValueError):
        return None


def is_restorable(name: str, path: str) -> bool:
    """``path``: where the form is sent; a code on the account pages is one of the second factor."""
    return not _NOT_SAVED.search(name.lower()) and not (name == "code" and path.startswith("/accounts/"))


def save_draft(request: HttpRequest, page: str) -> str:
    """The address of the page, with the key of the draft unless that is nobody's, or too much."""
    owner = owner_of(request)
    if owner is None or not page or not ratelimit.consume(request, action="keep_form", key=str(owner)):
        return page
    fields = {name: values for name, values in request.POST.lists() if is_restorable(name, request.path)}
    size = sum(len(name) + len(value) for name, values in fields.items() for value in values)
    if len(fields) > MOST_FIELDS or size > MOST_CHARACTERS:
        fields = {}
    key = secrets.token_urlsafe(16)
    cache.set(_cache_key(key), {"owner": owner, "path": request.path, "fields": fields}, SECONDS)
    return with_key(page, key)


def with_key(page: str, key: str) -> str:
    address, _, query = page.partition("?")
    return f"{address}?{query + '&' if query else ''}{urlencode({PARAMETER: key})}#{PARAMETER}"


def pop_key(request: HttpRequest) -> str:
    """The key in the address, which is removed from it: no page meets a parameter that it does not know."""
    query = request.META.get("QUERY_STRING", "")
    if f"{PARAMETER}=" not in query:
        return ""
    given = QueryDict(query, mutable=True)
    key = str((given.pop(PARAMETER, None) or [""])[-1])
    request.META["QUERY_STRING"] = given.urlencode()
    return key[:64]


def find_draft(key: str, user: Any) -> FormDraft | None:
    """None for everybody but the person whose form it was."""
    found = cache.get(_cache_key(key)) if key.replace("-", "").replace("_", "").isalnum() else None
    if not found or not isinstance(user, User) or found["owner"] != user.pk:
        return None
    return FormDraft(found["path"], found["fields"])


def _cache_key(key: str) -> str:
    return f"kept:{key}"
