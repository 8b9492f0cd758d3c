"""Keys of switches and gateways: created once, shown once, recognised by their digest."""

import hashlib
import secrets
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from django.core.exceptions import ValidationError
from django.db.models import Q

from numbers.carrier.models import SwitchCredential
from portal.core.errors import DomainError
from portal.core.outage import best_effort

PREFIX = "swk_"
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


def create(*, switch_id: str, scopes: Collection[str], networks: Collection[str] = ()) -> tuple[SwitchCredential, str]:
    """The credential and its secret, which cannot be read again. Raises ValidationError for bad values."""
    secret = PREFIX + secrets.token_hex(32)
    credential = SwitchCredential(
        switch_id=switch_id, scopes=list(scopes), networks=list(networks), secret_digest=digest(secret)
    )
    if not scopes:
        raise ValidationError({"scopes": "Name at least one scope."})
    credential.full_clean()
    credential.save()
    return credential, secret


def revoke(*, credential: SwitchCredential, now: datetime) -> None:
    """It is refused from the next request on. Revoking twice keeps the first time."""
    SwitchCredential.objects.filter(pk=credential.pk, revoked_at=None).update(revoked_at=now)


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


def find(presented: PresentedCredential) -> SwitchCredential | None:
    """Unless revoked. Where a call is waiting, it is read together with what was asked for."""
    return SwitchCredential.objects.filter(secret_digest=presented.secret_digest, revoked_at=None).first()


def authorize(
    credential: SwitchCredential | None, presented: PresentedCredential, *, scope: str, address: str
) -> SwitchCredential:
    """The credential if it may do ``scope`` from ``address``.

    Raises UnauthorizedError, ``scope_missing`` and ``address_not_allowed`` (403).
    """
    if credential is None or credential.revoked_at or presented.switch_id not in (None, credential.switch_id):
        raise UnauthorizedError
    if credential.networks and not (
        address and any(ip_address(address) in ip_network(network) for network in credential.networks)
    ):
        raise DomainError("address_not_allowed", "This credential may not be used from here.", status=403)
    if scope not in credential.scopes:
        raise DomainError("scope_missing", f"This credential lacks the scope {scope}.", status=403)
    return credential


def record_use(credential: SwitchCredential, now: datetime) -> None:
    """Writes the time of use, at most once a minute: the hot path reads."""
    if credential.last_used_at is None or now - credential.last_used_at >= USE_RECORDED_EVERY:
        stale = Q(last_used_at=None) | Q(last_used_at__lte=now - USE_RECORDED_EVERY)
        with best_effort("switches.last_used"):
            SwitchCredential.objects.filter(stale, pk=credential.pk).update(last_used_at=now)
