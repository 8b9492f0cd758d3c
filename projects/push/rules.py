"""Which keys and certificates will do, and what they are for."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from portal.core.errors import DomainError
from portal.core.times import long_date
from projects.push.files import CredentialRefused
from projects.push.models import Environment

APPLE_ID = re.compile(r"[A-Z0-9]{10}")
BUNDLE_ID = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
LONGEST_BUNDLE_ID = 155
FILE_OF_KEY = re.compile(r"AuthKey_([A-Z0-9]{10})(?: ?\(\d+\))?\.p8")  # as Apple names it, and a browser a second one
LEAST_BITS = 2048

# Apple's certification practice statement for its Worldwide Developer Relations certificates, section 4.11.
DEVELOPMENT, PRODUCTION = "1.2.840.113635.100.6.3.1", "1.2.840.113635.100.6.3.2"
VOIP, TOPICS = "1.2.840.113635.100.6.3.4", "1.2.840.113635.100.6.3.6"
PUSH = {DEVELOPMENT, PRODUCTION, VOIP, TOPICS}
SIGNING = "1.2.840.113635.100.6.1."  # development, distribution, Developer ID …
CODE_SIGNING = "1.3.6.1.5.5.7.3.3"  # RFC 5280
OTHER_TOPICS = {
    "pass.": "for Wallet passes",
    "web.": "for websites in Safari",
    "com.apple.mgmt.": "for managing devices",
}
INSTEAD = (
    "Create an “Apple Push Notification service SSL” certificate for your app, or a .p8 key, under Certificates, "
    "Identifiers & Profiles in your Apple developer account."
)


def clean_key_id(text: str, file_name: str = "") -> str:
    """Apple writes it into the name of the file, which counts when nothing is entered. Raises
    ``push_key_id_invalid``."""
    if not text.strip() and (named := FILE_OF_KEY.fullmatch(file_name)):
        return named[1]
    where = "It is beside the key in your Apple developer account, and in the file’s name: AuthKey_<Key ID>.p8."
    if fault := _fault(text, "Key ID"):
        raise CredentialRefused(f"{fault} {where}", code="push_key_id_invalid", field="key_id")
    return text.strip().upper()


def clean_team_id(text: str) -> str:
    """Raises ``push_team_id_invalid``."""
    if fault := _fault(text, "Team ID"):
        message = f"{fault} It is under Membership details in your Apple developer account."
        raise CredentialRefused(message, code="push_team_id_invalid", field="team_id")
    return text.strip().upper()


def _fault(text: str, name: str) -> str:
    given = text.strip().upper()
    if not given:
        return f"A .p8 key needs its {name}."
    return "" if APPLE_ID.fullmatch(given) else f"A {name} has exactly 10 letters and digits."


def clean_bundle_id(text: str) -> str:
    """Raises ``push_bundle_id_invalid``."""
    given = text.strip()
    if not given:
        message = "A .p8 key is good for all apps of your team: enter the bundle ID of the app that calls ring in."
    elif len(given) > LONGEST_BUNDLE_ID or not BUNDLE_ID.fullmatch(given):
        message = "A bundle ID has letters, digits, hyphens and dots, for example com.example.app."
    else:
        return given
    raise CredentialRefused(message, code="push_bundle_id_invalid", field="bundle_id")


def check_certificate(facts: dict[str, Any], bundle_id: str, now: datetime) -> dict[str, Any]:
    """The columns of a push certificate. Raises ``push_not_push_certificate``, ``push_certificate_expired``,
    ``push_certificate_not_valid_yet``, ``push_key_unsuitable``, ``push_bundle_id_differs`` (field ``bundle_id``)."""
    topic = _topic(facts)
    begins, ends = (datetime.fromisoformat(facts[name]) for name in ("not_before", "not_after"))
    if ends <= now:
        message = f"This certificate expired on {long_date(ends.date())}. Renew it in your Apple developer account."
        raise CredentialRefused(message, code="push_certificate_expired")
    if begins > now:
        message = f"This certificate is valid from {long_date(begins.date())} on. Upload it then, or use another one."
        raise CredentialRefused(message, code="push_certificate_not_valid_yet")
    if facts["rsa_bits"] < LEAST_BITS:
        message = f"The key of this certificate is not an RSA key of {LEAST_BITS} bits, which Apple requires. {INSTEAD}"
        raise CredentialRefused(message, code="push_key_unsuitable")
    if bundle_id.strip() and clean_bundle_id(bundle_id) != topic:
        message = f"This certificate is for {topic}. Leave the field empty, or upload the certificate of this app."
        raise CredentialRefused(message, code="push_bundle_id_differs", field="bundle_id")
    found = set(facts["extensions"])
    return {
        "topic": topic,
        "environment": _environment(found),
        "voip": VOIP in found or any(each.endswith(".voip") for each in facts["topics"]),
        "team_id": next((each for each in facts["units"] if APPLE_ID.fullmatch(each)), ""),
        "expires_at": ends,
    }


def _topic(facts: dict[str, Any]) -> str:
    """The subject's user ID, which is the app's bundle ID."""
    found, uid = set(facts["extensions"]), next(iter(facts["uids"]), "")
    for beginning, purpose in OTHER_TOPICS.items():
        if uid.startswith(beginning):
            raise _not_for_push(f"This certificate is {purpose}, not for pushes to an app.")
    if not found & PUSH:
        name = _shown(facts["names"])
        if CODE_SIGNING in facts["usages"] or any(each.startswith(SIGNING) for each in found):
            raise _not_for_push(f"This certificate{name} signs apps (development or distribution); it may not push.")
        raise _not_for_push(f"This certificate{name} was not issued for Apple’s push service.")
    if len(uid) > LONGEST_BUNDLE_ID or not BUNDLE_ID.fullmatch(uid):
        raise _not_for_push("This certificate does not say which app it is for (there is no bundle ID in its subject).")
    return uid


def _not_for_push(message: str) -> DomainError:
    return CredentialRefused(f"{message} {INSTEAD}", code="push_not_push_certificate")


def _shown(names: Iterable[str]) -> str:
    name = next((each for each in names if each.isprintable()), "")
    return f", “{name[:80]}”," if name else ""


def _environment(extensions: set[str]) -> Environment:
    """Today's certificates are for both; a list of topics alone means the same."""
    apart = {DEVELOPMENT: Environment.DEVELOPMENT, PRODUCTION: Environment.PRODUCTION}
    named = [environment for oid, environment in apart.items() if oid in extensions]
    return named[0] if len(named) == 1 else Environment.BOTH
