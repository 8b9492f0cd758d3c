"""Writes on a project's numbers: what the customer calls them. Their end is in :mod:`numbers.leases.releasing`."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from numbers.leases.events import record
from numbers.leases.locking import lock_for_settings
from numbers.leases.models import Lease
from numbers.leases.tags import MOST, clean_tag, clean_tags, too_many
from portal.core.errors import DomainError
from portal.core.names import UNREADABLE, is_readable
from projects.actor import Actor

NAME_LENGTH = 64


def clean_name(name: str) -> str:
    """A friendly name as it is stored. Raises ``friendly_name_invalid``."""
    name = name.strip()
    if not is_readable(name):
        raise DomainError("friendly_name_invalid", UNREADABLE, field="friendly_name", status=422)
    if len(name) > NAME_LENGTH:
        raise DomainError(
            "friendly_name_invalid", f"Use at most {NAME_LENGTH} characters.", field="friendly_name", status=422
        )
    return name


@transaction.atomic
def rename_lease(*, lease: Lease, name: str, by: Actor, now: datetime) -> Lease:
    """Gives the number a friendly name; an empty one removes it.

    Raises ``friendly_name_invalid``, ``lease_ended``, ``project_archived``.
    """
    name = clean_name(name)
    lease = lock_for_settings(lease)
    if lease.friendly_name != name:
        record(lease, "number.renamed", by, before=lease.friendly_name, after=name)
        lease.friendly_name = name
        lease.save(update_fields=["friendly_name"])
    return lease


@transaction.atomic
def set_tags(*, lease: Lease, tags: Iterable[str], by: Actor, now: datetime) -> Lease:
    """The number has these tags and no others.

    Raises ``tag_invalid``, ``too_many_tags`` (field ``tags``), ``lease_ended``, ``project_archived``.
    """
    cleaned = clean_tags(tags)
    return _write_tags(lock_for_settings(lease), cleaned, by)


@transaction.atomic
def add_tag(*, lease: Lease, tag: str, by: Actor, now: datetime) -> bool:
    """False when the number has it already. Raises as :func:`set_tags` does."""
    tag = clean_tag(tag)
    lease = lock_for_settings(lease)
    if tag in lease.tags:
        return False
    if len(lease.tags) >= MOST:
        raise too_many()
    _write_tags(lease, [*lease.tags, tag], by)
    return True


@transaction.atomic
def remove_tag(*, lease: Lease, tag: str, by: Actor, now: datetime) -> bool:
    """False when the number does not have it. Raises as :func:`set_tags` does."""
    tag = clean_tag(tag)
    lease = lock_for_settings(lease)
    if tag not in lease.tags:
        return False
    _write_tags(lease, [each for each in lease.tags if each != tag], by)
    return True


def _write_tags(lease: Lease, tags: list[str], by: Actor) -> Lease:
    if lease.tags != tags:
        record(lease, "number.tagged", by, before=lease.tags, after=tags)
        lease.tags = tags
        lease.save(update_fields=["tags"])
    return lease
