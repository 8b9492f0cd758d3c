"""Uploading, replacing and removing push credentials. Two at once: the last one stays, the trail has both."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from portal.core import rate_limit
from portal.core.errors import DomainError, NotFound
from projects import audit
from projects.access import require_active
from projects.actor import Actor
from projects.locking import lock_project
from projects.models import Project
from projects.push import expiry, inspection, rules, sealing
from projects.push.files import Content, refuse_size
from projects.push.models import CredentialKind, Environment, Platform, PushCredential

UPLOADS_PER_MINUTE = 10  # of a person; each costs a process


@dataclass(frozen=True)
class Upload:
    """A file as it arrived. ``data`` is empty when it was too large to be kept; ``size`` counts all of it."""

    data: bytes
    size: int
    name: str = ""


def upload_for_ios(
    *,
    project: Project,
    upload: Upload,
    password: str,
    key_id: str,
    team_id: str,
    bundle_id: str,
    by: Actor,
    now: datetime,
) -> PushCredential:
    """A .p8 key with its IDs and the app's, or a certificate, which names its app itself.

    Raises what :mod:`projects.push.inspection` and :mod:`projects.push.rules` raise; ``push_file_empty``,
    ``push_file_too_large``, ``project_archived``, ``project_suspended``, ``rate_limited``.
    """
    _admit(project, upload, by)
    content, facts = inspection.apple(upload.data, password)
    if content == Content.KEY:
        columns: dict[str, Any] = {
            "kind": CredentialKind.APNS_KEY,
            "key_id": rules.clean_key_id(key_id, upload.name),
            "team_id": rules.clean_team_id(team_id),
            "topic": rules.clean_bundle_id(bundle_id),
            "environment": Environment.BOTH,
            "voip": True,
        }
    else:
        columns = {"kind": CredentialKind.APNS_CERTIFICATE} | rules.check_certificate(facts, bundle_id, now)
    return _store(project, Platform.IOS, facts, columns, by=by, now=now)


def upload_for_android(*, project: Project, upload: Upload, by: Actor, now: datetime) -> PushCredential:
    """The JSON file of a service account. Raises what :mod:`projects.push.inspection` raises; ``push_file_empty``,
    ``push_file_too_large``, ``project_archived``, ``project_suspended``, ``rate_limited``."""
    _admit(project, upload, by)
    facts = inspection.google(upload.data)
    columns = {name: facts[name] for name in ("project_name", "account", "key_id")}
    return _store(
        project, Platform.ANDROID, facts, {"kind": CredentialKind.FCM_SERVICE_ACCOUNT} | columns, by=by, now=now
    )


def _admit(project: Project, upload: Upload, by: Actor) -> None:
    require_active(project)
    refuse_size(upload.data, upload.size)
    rate_limit.hit("push-upload", str(by.user_id), per_minute=UPLOADS_PER_MINUTE)


@transaction.atomic
def _store(
    project: Project, platform: Platform, facts: dict[str, Any], columns: dict[str, Any], *, by: Actor, now: datetime
) -> PushCredential:
    require_active(lock_project(project.pk))
    before = PushCredential.objects.filter(project=project, platform=platform).first()
    if before is not None:
        before.delete()
    credential = PushCredential(
        project=project,
        platform=platform,
        fingerprint=facts["fingerprint"],
        sealed=sealing.seal(facts),
        uploaded_at=now,
        uploaded_by_id=by.user_id,
        **columns,
    )
    credential.announced = expiry.stage(credential, now)  # whoever uploads it reads on the page when it expires
    credential.save(force_insert=True)
    action = "push_credential.replaced" if before else "push_credential.uploaded"
    audit.record(project_id=project.pk, by=by, action=action, subject=platform.label, **_trail(credential, before))
    return credential


@transaction.atomic
def remove(*, project: Project, platform: Platform, by: Actor) -> None:
    """Also in a suspended or archived project: a secret that should not be here must be able to go. Raises
    ``push_credential_unknown``."""
    lock_project(project.pk)
    credential = PushCredential.objects.filter(project=project, platform=platform).first()
    if credential is None:
        raise unknown(platform)
    credential.delete()
    action = "push_credential.removed"
    audit.record(project_id=project.pk, by=by, action=action, subject=platform.label, **_trail(credential))


def unknown(platform: Platform) -> DomainError:
    return NotFound(f"This project has no {platform.label} any more.", code="push_credential_unknown")


def _trail(credential: PushCredential, before: PushCredential | None = None) -> dict[str, Any]:
    facts = {
        "app": credential.name,
        "kind": credential.kind,
        "fingerprint": credential.fingerprint,
        "expires_at": credential.expires_at,
    }
    return facts | ({"before": {"app": before.name, "fingerprint": before.fingerprint}} if before else {})
