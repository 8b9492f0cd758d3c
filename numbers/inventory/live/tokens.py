"""Which project a page asks for: signed, for as long as a session may last. The session is looked at now and then."""

from django.conf import settings
from django.core import signing

PATH = "/live/taken"
_signer = signing.TimestampSigner(salt="numbers.live")


def sign(project_id: int) -> str:
    return _signer.sign(str(project_id))


def project_of(token: str) -> int | None:
    """None for a token that is forged or too old."""
    try:
        return int(_signer.unsign(token, max_age=settings.SESSION_COOKIE_AGE))
    except (signing.BadSignature, ValueError):
        return None
