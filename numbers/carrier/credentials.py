"""Keys of switches and gateways: each is shown once and recognised by its digest; one can be rotated."""

import hashlib
import secrets
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from numbers.carrier.models import SwitchCredential, SwitchSecret
from portal.core.errors import DomainError
from portal.core.outage import best_effort

PREFIX = "swk_"
# 128 bits. Kannel breaks the header of Basic credentials after 57 bytes, the switch_id and a colon included.
SECRET_BYTES = 16
USE_RECORDED_EVERY = timedelta(minutes=1)


class UnauthorizedError(DomainError):
    """One answer for every wrong key, so that it says nothing about which part was wrong."""

    def __init__(self) -> None:
        super().__init__("unauthorized", "A switch credential is needed.", status=401)


@dataclass(frozen=True, slots=True)
class PresentedCredential:
    """What a request showed: the secret's digest, and the switch it claims to be (Basic only)."""

    secret_digest: str
    switch_id: str | None


def digest(secret: str) -> str:
    """Never equal to the digest of a project's token, even if the two were the same text."""
    return hashlib.sha256(b"switch-secret:" + secret.encode("utf-8", "surrogateescape")).hexdigest()


@transaction.atomic
def create(*, switch_id: str, scopes: Collection[str], networks: Collection[str] = ()) -> tuple[SwitchCredential, str]:
    """The credential and its secret, which cannot be read again. Raises ValidationError for bad values."""
    credential = SwitchCredential(switch_id=switch_id, scopes=list(scopes), networks=list(networks))
    if not scopes:
        raise ValidationError({"scopes": "Name at least one scope."})
    credential.full_clean()
    try:
        with transaction.atomic():
            credential.save()
    except IntegrityError:  # somebody took the name a moment ago
        credential.full_clean()
        raise
    return credential, _issue(credential, credential.created_at)


@transaction.atomic
def rotate(*, credential: SwitchCredential, replaces: int, accepted_for: timedelta, now: datetime) -> str:
    """A new secret, which cannot be read again. The one with the id ``replaces`` is accepted for a while, or ends now
    together with all former ones if ``accepted_for`` is 0.

    Raises ``switch_revoked``, and ``switch_secret_rotated`` when ``replaces`` is the current one no longer: a second
    click must not end what the first one gave.
    """
    _require_accepted(credential)
    current = credential.secrets.filter(accepted_until=None).first()
    if current is None or current.pk != replaces:
        raise DomainError(
            "switch_secret_rotated",
            "The secret was rotated after this page was opened. Who did not see the new one rotates once more.",
        )
    current.accepted_until = now + accepted_for
    current.save(update_fields=["accepted_until"])
    if not accepted_for:
        _end_former(credential, now)
    return _issue(credential, now)


@transaction.atomic
def end_former(*, credential: SwitchCredential, now: datetime) -> int:
    """Former secrets are refused from the next request on; how many there were. Raises ``switch_revoked``."""
    _require_accepted(credential)
    return _end_former(credential, now)


def revoke(*, credential: SwitchCredential, now: datetime) -> None:
    """It is refused from the next request on. Revoking twice keeps the first time."""
    SwitchCredential.objects.filter(pk=credential.pk, revoked_at=None).update(revoked_at=now)


def _issue(credential: SwitchCredential, now: datetime) -> str:
    secret = PREFIX + secrets.token_hex(SECRET_BYTES)
    SwitchSecret.objects.create(credential=credential, digest=digest(secret), created_at=now)
    return secret


def _require_accepted(credential: SwitchCredential) -> None:
    """Locks it until the end of the transaction."""
    if SwitchCredential.objects.select_for_update().get(pk=credential.pk).revoked_at:
        raise DomainError("switch_revoked", "This switch is revoked: its secret stays refused. Add a new one.")


def _end_former(credential: SwitchCredential, now: datetime) -> int:
    return credential.secrets.filter(accepted_until__gt=now).update(accepted_until=now)


def parse_authorization(authorization: str) -> PresentedCredential:
    """Reads ``Basic switch_id:secret`` or ``Bearer secret``. Raises UnauthorizedError for anything else."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer" and value.strip():
        return PresentedCredential(digest(value.strip()), None)
    if scheme.lower() == "basic":
        try:
            switch_id, colon, secret = b64decode(value.strip(), validate=True).decode().partition(":")
        except (Base64Error, ValueError):
            raise UnauthorizedError from None
        if colon and secret:
            return PresentedCredential(digest(secret), switch_id)
    raise UnauthorizedError


# What a look-up reads in its one query: the secret that was presented, unless it has ended or the switch is revoked.
COLUMNS = "k.id, k.last_used_at, c.switch_id, c.scopes, c.networks"
TABLES = "numbers_switchsecret k JOIN numbers_switchcredential c ON c.id = k.credential_id"
ACCEPTED = "k.digest = %(digest)s AND (k.accepted_until IS NULL OR k.accepted_until > %(now)s) AND c.revoked_at IS NULL"
COLUMN_COUNT = 5
_QUERY = f"SELECT {COLUMNS} FROM {TABLES} WHERE {ACCEPTED}"  # noqa: S608  of constants


@dataclass(frozen=True, slots=True)
class AcceptedSecret:
    """What ``COLUMNS`` say of a secret that was recognised. Model instances would cost each look-up."""

    id: int
    last_used_at: datetime | None
    switch_id: str
    scopes: list[str]
    networks: list[str]


def read_row(row: Sequence[Any]) -> AcceptedSecret:
    """Of a row that begins with ``COLUMNS``."""
    return AcceptedSecret(*row[:COLUMN_COUNT])


def find(presented: PresentedCredential, now: datetime) -> AcceptedSecret | None:
    """Unless ended or revoked. Where a call is waiting, it is read together with what was asked for."""
    with connection.cursor() as cursor:
        cursor.execute(_QUERY, {"digest": presented.secret_digest, "now": now})
        row = cursor.fetchone()
    return read_row(row) if row else None


def authorize(
    secret: AcceptedSecret | None, presented: PresentedCredential, *, scope: str, address: str, now: datetime
) -> AcceptedSecret:
    """The secret of the switch if it may do ``scope`` from ``address``; the use of its secret is recorded.

    Raises UnauthorizedError, ``scope_missing`` and ``address_not_allowed`` (403).
    """
    if secret is None or presented.switch_id not in (None, secret.switch_id):
        raise UnauthorizedError
    if secret.networks and not (
        address and any(ip_address(address) in ip_network(network) for network in secret.networks)
    ):
        raise DomainError("address_not_allowed", "This credential may not be used from here.", status=403)
    if scope not in secret.scopes:
        raise DomainError("scope_missing", f"This credential lacks the scope {scope}.", status=403)
    _record_use(secret, now)
    return secret


def _record_use(secret: AcceptedSecret, now: datetime) -> None:
    """Writes the time of use, at most once a minute: the hot path reads."""
    if secret.last_used_at is None or now - secret.last_used_at >= USE_RECORDED_EVERY:
        stale = Q(last_used_at=None) | Q(last_used_at__lte=now - USE_RECORDED_EVERY)
        with best_effort("switches.last_used"):
            SwitchSecret.objects.filter(stale, pk=secret.id).update(last_used_at=now)
