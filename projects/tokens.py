"""Auth tokens: ``ptk_``, 32 random characters, 6 of checksum, so that leak scanners know them."""

import hashlib
import re
import secrets
import zlib
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from portal.core import crypto
from portal.core.errors import DomainError, OwnerInactive, ProjectSuspended
from portal.core.outage import best_effort
from projects import audit
from projects.actor import Actor
from projects.locking import lock_project
from projects.models import PID, AuthToken, Membership, Project, Role

PREFIX = "ptk_"
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SHAPE = re.compile(r"ptk_[0-9A-Za-z]{38}")
USE_NOTED_EVERY = timedelta(minutes=1)  # a busy client must not turn every call into a write


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
    """Has the shape and the checksum of a token: what a leak scanner may check without us."""
    return SHAPE.fullmatch(token) is not None and token[-6:] == _checksum(token[:-6])


def digest(token: str) -> str:
    """A plain hash is enough for 190 random bits, and does not tie the tokens to a server secret."""
    return hashlib.sha256(b"auth-token:" + token.encode()).hexdigest()


def issue(*, project: Project, slot: str, by: Actor) -> str:
    """Returns the new token in clear; the caller shows it once or not at all."""
    token = new_secret()
    AuthToken.objects.create(
        project=project,
        slot=slot,
        digest=digest(token),
        hint=token[-4:],
        created_by_id=by.user_id,
        ciphertext=crypto.encrypt(token.encode()),
    )
    return token


def live(project: Project) -> dict[str, AuthToken]:
    """The tokens that work now, by slot: the primary and, during a rotation, the secondary."""
    return {token.slot: token for token in project.tokens.filter(revoked_at__isnull=True)}


@transaction.atomic
def reveal(*, project: Project, slot: str, by: Actor) -> str:
    """The token in clear. Ask for a fresh authentication first. Raises ``token_unknown``, ``owner_inactive``."""
    _refuse_without_owner(project)
    token = live(project).get(slot)
    if token is None:
        raise DomainError("token_unknown", "This token no longer exists.", status=404)
    audit.record(project_id=project.pk, by=by, action="token.revealed", subject=f"…{token.hint}", slot=slot)
    return crypto.decrypt(token.ciphertext).decode()


@transaction.atomic
def rotate(*, project: Project, by: Actor) -> AuthToken:
    """Adds a secondary token; both work until the old one is revoked. Raises ``token_rotation_running``,
    ``owner_inactive``."""
    lock_project(project.pk)
    _refuse_without_owner(project)
    if AuthToken.Slot.SECONDARY in live(project):
        message = "There is already a secondary token. Promote or revoke it first."
        raise DomainError("token_rotation_running", message)
    issue(project=project, slot=AuthToken.Slot.SECONDARY, by=by)
    token = live(project)[AuthToken.Slot.SECONDARY]
    audit.record(project_id=project.pk, by=by, action="token.created", subject=f"…{token.hint}")
    return token


@transaction.atomic
def promote(*, project: Project, by: Actor) -> AuthToken:
    """The secondary becomes the primary; the old primary dies at once. Raises ``token_no_secondary``."""
    lock_project(project.pk)
    tokens = live(project)
    if AuthToken.Slot.SECONDARY not in tokens:
        raise DomainError("token_no_secondary", "There is no secondary token to promote.")
    old, new = tokens[AuthToken.Slot.PRIMARY], tokens[AuthToken.Slot.SECONDARY]
    _revoke(old)
    new.slot = AuthToken.Slot.PRIMARY
    new.save(update_fields=["slot"])
    audit.record(project_id=project.pk, by=by, action="token.promoted", subject=f"…{new.hint}", revoked=f"…{old.hint}")
    return new


@transaction.atomic
def revoke_secondary(*, project: Project, by: Actor) -> None:
    """The secondary stops working at once. Raises ``token_no_secondary``."""
    lock_project(project.pk)
    token = live(project).get(AuthToken.Slot.SECONDARY)
    if token is None:
        raise DomainError("token_no_secondary", "There is no secondary token to revoke.")
    _revoke(token)
    audit.record(project_id=project.pk, by=by, action="token.revoked", subject=f"…{token.hint}")


# Written out: Exists() with OuterRef() costs each call as much processor time as all the rest of the look-up.
HAS_OWNER = RawSQL(
    """EXISTS (SELECT FROM projects_membership m JOIN accounts_user u ON u.id = m.user_id
               WHERE m.project_id = projects_authtoken.project_id AND m.role = %s AND u.is_active)""",
    [Role.OWNER.value],
    output_field=BooleanField(),
)


def _refuse_without_owner(project: Project) -> None:
    if not Membership.objects.filter(project=project, role=Role.OWNER, user__is_active=True).exists():
        raise OwnerInactive


def _revoke(token: AuthToken) -> None:
    """Nothing can reveal it afterwards: of a revoked token only digest and hint stay."""
    token.revoked_at, token.ciphertext = timezone.now(), ""
    token.save(update_fields=["revoked_at", "ciphertext"])


_NOBODY = digest("nobody")  # compared when there is no token to compare with


def authenticate(pid: object, token: object, now: datetime | None = None) -> tuple[Project, AuthToken] | None:
    """The project of a key pair as a client sent it, whatever that is, or None.

    Raises ``project_suspended``, and ``owner_inactive`` when the account of its owner is closed; only for a right pair.
    A wrong token, another project's token and an unknown project take the same path: one query, one digest,
    comparisons in constant time. What does not even look like a pair is refused before the database is asked.
    """
    if not (isinstance(pid, str) and isinstance(token, str) and PID.fullmatch(pid) and is_well_formed(token)):
        return None
    wanted = digest(token)
    match = None
    rows = AuthToken.objects.select_related("project").filter(project__pid=pid, revoked_at__isnull=True)
    rows = rows.annotate(has_owner=HAS_OWNER)
    candidates: list[tuple[str, AuthToken | None]] = [(row.digest, row) for row in rows]
    for expected, row in candidates or [(_NOBODY, None)]:
        if constant_time_compare(expected, wanted):
            match = row
    if match is None:
        return None
    if not match.has_owner:  # type: ignore[attr-defined]
        raise OwnerInactive
    if match.project.is_suspended:
        raise ProjectSuspended(match.project.suspension_reason)
    _note_use(match, now or timezone.now())
    return match.project, match


def _note_use(token: AuthToken, now: datetime) -> None:
    before = now - USE_NOTED_EVERY
    if token.last_used_at is None or token.last_used_at <= before:
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=before)
        with best_effort("tokens.last_used"):
            AuthToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
