"""Storing, replacing and removing: what stays, what the trail says, who wins."""

import pytest
from django.db import connection

from projects import services as project_services
from projects import suspension
from projects.models import AuditEntry, Platform, Project, PushCredential
from projects.push import queries, services
from projects.push.sealing import unseal
from projects.push.services import Upload
from tests.support.crowd import at_once
from tests.support.people import actor, make_staff, staff_actor
from tests.support.projects import make_project
from tests.support.push import (
    APP,
    ENDS,
    FIREBASE,
    KEY_ID,
    NOW,
    PASSWORD,
    TEAM,
    certificate,
    p8,
    p12,
    pem,
    push_extensions,
    rsa_key,
    service_account,
)
from tests.support.refusals import refused

pytestmark = pytest.mark.django_db


def trail(project):
    rows = AuditEntry.objects.filter(project=project, action__startswith="push_credential.").order_by("id")
    return [(row.action, row.subject, row.data["app"]) for row in rows]


def test_each_platform_has_its_own_and_replacing_leaves_one(project, for_ios, for_android):
    first, android = for_ios(p8(), bundle_id=APP), for_android(service_account())
    other = "com.example.other"
    second = for_ios(p12(certificate(push_extensions(other), uid=other)))
    assert set(PushCredential.objects.all()) == {second, android}
    assert second.pk != first.pk
    assert trail(project) == [
        ("push_credential.uploaded", "iOS certificate", APP),
        ("push_credential.uploaded", "Android API key", FIREBASE),
        ("push_credential.replaced", "iOS certificate", other),
    ]
    data = AuditEntry.objects.get(action="push_credential.replaced").data
    assert data["before"] == {"app": APP, "fingerprint": first.fingerprint}
    assert (data["fingerprint"], data["kind"]) == (second.fingerprint, "apns_cert")
    assert data["expires_at"].startswith(f"{ENDS:%Y-%m-%d}")


def test_another_project_has_its_own(project, other_project, for_ios, by):
    for_ios(p8(), bundle_id=APP)
    given = {"password": "", "key_id": KEY_ID, "team_id": TEAM, "bundle_id": APP}
    data = p8()
    services.upload_for_ios(project=other_project, upload=Upload(data, len(data)), by=by, now=NOW, **given)
    assert PushCredential.objects.count() == 2
    services.remove(project=other_project, platform=Platform.IOS, by=by)
    assert PushCredential.objects.get().project == project


def test_removing_leaves_nothing_but_the_trail(project, for_ios, by):
    for_ios(p8(), bundle_id=APP)
    services.remove(project=project, platform=Platform.IOS, by=by)
    assert not PushCredential.objects.exists()
    assert trail(project)[-1] == ("push_credential.removed", "iOS certificate", APP)
    error = refused("push_credential_unknown", services.remove, project=project, platform=Platform.IOS, by=by)
    assert error.status == 404


def test_no_table_holds_a_secret_or_a_password_in_clear(for_ios, for_android):
    key = p8()
    for_ios(key, bundle_id=APP)
    for_ios(p12(certificate(), password=PASSWORD), password=PASSWORD)
    for_android(service_account())
    secrets = [PASSWORD, *key.decode().split("\n")[1:3], *pem(rsa_key()).decode().split("\n")[1:4]]
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        assert "projects_pushcredential" in tables
        for table in tables:
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{table}" t')
            rows = " ".join(row for (row,) in cursor.fetchall())
            assert [secret for secret in secrets if secret in rows] == []


def test_an_archived_or_suspended_project_takes_none_and_lets_one_go(project, for_ios, for_android, by):
    for_ios(p8(), bundle_id=APP)
    project_services.archive_project(project=project, typed_name=project.name, by=by)
    project.refresh_from_db()
    refused("project_archived", for_ios, p8(), bundle_id=APP)
    refused("project_archived", for_android, service_account())
    project_services.restore_project(project=project, by=by)
    staff = staff_actor(make_staff())
    suspension.suspend(project=project, reason="Spam.", by=staff, now=NOW)
    project.refresh_from_db()
    refused("project_suspended", for_android, service_account())
    services.remove(project=project, platform=Platform.IOS, by=by)
    assert not PushCredential.objects.exists()


def test_suspended_while_the_file_was_read(project, for_ios):
    """The page's project is as it was when the page began; what counts is the one that is locked."""
    suspension.suspend(project=project, reason="Spam.", by=staff_actor(make_staff()), now=NOW)
    project.status = "active"
    refused("project_suspended", for_ios, p8(), bundle_id=APP)
    assert not PushCredential.objects.exists()


@pytest.mark.parametrize(
    ("size", "data", "code"), [(65_537, b"x" * 65_537, "push_file_too_large"), (9_000_000, b"", "push_file_too_large")]
)
def test_a_large_file_is_not_opened(size, data, code, project, by):
    upload = Upload(data, size)
    error = refused(code, services.upload_for_android, project=project, upload=upload, by=by, now=NOW)
    assert error.field == "file"
    assert "at most 64 kB" in error.message


def test_64_kb_are_possible(for_android):
    data = service_account()
    assert for_android(data + b" " * (64 * 1024 - len(data))).project_name == FIREBASE


@pytest.mark.parametrize("data", [b"", b" \r\n", b"\xef\xbb\xbf"])
def test_an_empty_file(data, for_ios):
    refused("push_file_empty", for_ios, data)


def test_uploads_of_a_person_are_counted(for_android, one_minute, monkeypatch):
    monkeypatch.setattr(services, "UPLOADS_PER_MINUTE", 2)
    for _ in range(2):
        refused("push_wrong_file", for_android, b"x")
    error = refused("rate_limited", for_android, service_account())
    assert error.status == 429


def test_what_is_read_for_pages_has_no_secret(project, for_ios):
    for_ios(p8(), bundle_id=APP)
    summaries = Project.objects.annotate(push=queries.summaries()).get(pk=project.pk).push
    (ios, android) = queries.platforms(summaries, NOW)
    assert (ios.credential.topic, ios.validity, android.credential, android.validity) == (APP, "valid", None, "")
    assert ios.credential.sealed == ""
    found = queries.credential(project, Platform.IOS)
    assert "sealed" in found.get_deferred_fields()
    assert found.uploaded_by == project.created_by
    assert set(unseal(found)) == {"private_key"}


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_the_last_stays_and_the_trail_has_both():
    project = make_project()
    by = actor(project.created_by)
    apps = [f"com.example.app{number}" for number in range(4)]

    def upload(app):
        data = p8()
        given = {"password": "", "key_id": KEY_ID, "team_id": TEAM, "bundle_id": app}
        services.upload_for_ios(project=project, upload=Upload(data, len(data)), by=by, now=NOW, **given)

    at_once([lambda app=app: upload(app) for app in apps])
    steps = trail(project)
    assert [action for action, _, _ in steps] == ["push_credential.uploaded"] + ["push_credential.replaced"] * 3
    assert sorted(app for _, _, app in steps) == apps
    assert PushCredential.objects.get().topic == steps[-1][2]
