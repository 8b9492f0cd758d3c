"""Auth tokens: ``ptk_`` + 32 random characters + 6 of checksum, so that leak scanners can tell them from noise."""

import hashlib
import secrets
import zlib

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from portal import crypto
from projects import audit
from projects.actor import Actor
from projects.errors import DomainError
from projects.models import AuthToken, Project

PREFIX = "ptk_"
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _checksum(body: str) -> str:
    value, digits = zlib.crc32(body.encode()), ""
    for _ in range(6):
        value, index = divmod(value, 62)
        digits = BASE62[index] + digits
    return digits


def new_secret() -> str:
    body = PREFIX + "".join(secrets.choice(BASE62) for _ in range(32))
    return body + _checksum(body)


def is_well_formed(token: str) -> bool:
    return len(token) == 42 and token.startswith(PREFIX) and token[-6:] == _checksum(token[:-6])


def digest(token: str) -> str:
    """A plain hash is enough for 190 random bits, and does not tie the tokens to a server secret."""
    return hashlib.sha256(b"auth-token:" + token.encode()).hexdigest()


def issue(*, project: Project, slot: str, by: Actor) -> str:
    """Returns the new token in clear; the caller shows it once or not at all."""
    token = new_secret()
    AuthToken.objects.create(
        project=project, slot=slot, digest=digest(token), hint=token[-4:], created_by_id=by.user_id,
        ciphertext=crypto.encrypt(token.encode()),
    )
    return token


def reveal(*, token: AuthToken, by: Actor) -> str:
    audit.record(project_id=token.project_id, by=by, action="token.revealed", subject=f"…{token.hint}")
    return crypto.decrypt(token.ciphertext).decode()


@transaction.atomic
def rotate(*, project: Project, by: Actor) -> AuthToken:
    """Adds a secondary token; both work until the old one is revoked. Raises ``token_rotation_running``."""
    Project.objects.select_for_update().get(pk=project.pk)
    if project.tokens.filter(slot=AuthToken.Slot.SECONDARY, revoked_at__isnull=True).exists():
        raise DomainError("token_rotation_running", "A secondary token exists already. Promote or revoke it first.")
    issue(project=project, slot=AuthToken.Slot.SECONDARY, by=by)
    token = project.tokens.get(slot=AuthToken.Slot.SECONDARY, revoked_at__isnull=True)
    audit.record(project_id=project.pk, by=by, action="token.created", subject=f"…{token.hint}")
    return token


@transaction.atomic
def promote(*, project: Project, by: Actor) -> None:
    """The secondary becomes the primary; the old primary is revoked at once."""
    Project.objects.select_for_update().get(pk=project.pk)
    live = {token.slot: token for token in project.tokens.filter(revoked_at__isnull=True)}
    if AuthToken.Slot.SECONDARY not in live:
        raise DomainError("token_no_secondary", "There is no secondary token to promote.")
    old, new = live[AuthToken.Slot.PRIMARY], live[AuthToken.Slot.SECONDARY]
    AuthToken.objects.filter(pk=old.pk).update(revoked_at=timezone.now())
    AuthToken.objects.filter(pk=new.pk).update(slot=AuthToken.Slot.PRIMARY)
    audit.record(project_id=project.pk, by=by, action="token.promoted", subject=f"…{new.hint}", revoked=f"…{old.hint}")


@transaction.atomic
def revoke_secondary(*, project: Project, by: Actor) -> None:
    token = project.tokens.select_for_update().filter(slot=AuthToken.Slot.SECONDARY, revoked_at__isnull=True).first()
    if token is None:
        raise DomainError("token_no_secondary", "There is no secondary token to revoke.")
    AuthToken.objects.filter(pk=token.pk).update(revoked_at=timezone.now())
    audit.record(project_id=project.pk, by=by, action="token.revoked", subject=f"…{token.hint}")


def authenticate(pid: str, token: str) -> tuple[Project, AuthToken] | None:
    """The project of a key pair, or None. A wrong token and an unknown project take the same path and time."""
    wanted = digest(token)
    rows = AuthToken.objects.select_related("project").filter(project__pid=pid, revoked_at__isnull=True)
    match = None
    for row in rows:
        if constant_time_compare(row.digest, wanted):
            match = row
    return (match.project, match) if match else None
