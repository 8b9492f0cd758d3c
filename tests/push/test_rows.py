"""What the table itself refuses."""

import pytest

from projects.models import PushCredential
from tests.support.push import ACCOUNT, APP, ENDS, FIREBASE, KEY_ID, TEAM
from tests.support.refusals import violates

pytestmark = pytest.mark.django_db
TABLE = "projects_pushcredential"


@pytest.fixture
def key(project):
    return row(project, platform="ios", kind="apns_key", topic=APP, environment="both", key_id=KEY_ID, team_id=TEAM)


@pytest.fixture
def certificate(project):
    return row(project, platform="ios", kind="apns_cert", topic=APP, environment="production", expires_at=ENDS)


@pytest.fixture
def account(project):
    return row(project, platform="android", kind="fcm_account", project_name=FIREBASE, account=ACCOUNT)


def row(project, **columns):
    return PushCredential.objects.create(project=project, fingerprint="0a" * 32, sealed="x", **columns)


def test_one_for_each_platform(project, key, account):
    columns = "project_id, platform, kind, topic, environment, voip, team_id, key_id, project_name, account, "
    columns += "fingerprint, sealed, uploaded_at"
    copy = f"INSERT INTO {TABLE} ({columns}) SELECT {columns} FROM {TABLE} WHERE id = %s"
    violates("one_push_credential_per_platform", copy, [key.pk])


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("key", "topic = ''"),
        ("key", "environment = ''"),
        ("key", "environment = 'sandbox'"),
        ("key", "key_id = ''"),
        ("key", "team_id = ''"),
        ("key", "expires_at = now()"),
        ("key", "kind = 'fcm_account'"),
        ("key", "kind = 'apns_cert'"),
        ("key", "platform = 'android'"),
        ("key", "platform = 'windows'"),
        ("key", "project_name = 'acme-calls'"),
        ("key", "account = 'a@b'"),
        ("certificate", "expires_at = NULL"),
        ("certificate", "key_id = 'K9L8M7N6P5'"),
        ("certificate", "topic = ''"),
        ("account", "project_name = ''"),
        ("account", "account = ''"),
        ("account", "topic = 'com.example.app'"),
        ("account", "environment = 'both'"),
        ("account", "voip = true"),
        ("account", "team_id = 'A1B2C3D4E5'"),
        ("account", "expires_at = now()"),
        ("account", "kind = 'apns_key'"),
        ("account", "platform = 'ios'"),
    ],
)
def test_a_row_is_whole_and_of_one_kind(kind, change, request):
    found = request.getfixturevalue(kind)
    violates("push_credential_whole", f"UPDATE {TABLE} SET {change} WHERE id = %s", [found.pk])


@pytest.mark.parametrize("value", ["", "0A" * 32, "0a" * 31, "0a" * 31 + "0g"])
def test_a_fingerprint_is_sha_256_in_hex(value, key):
    violates("push_credential_fingerprint", f"UPDATE {TABLE} SET fingerprint = %s WHERE id = %s", [value, key.pk])


def test_none_is_without_its_secret(key):
    violates("push_credential_sealed", f"UPDATE {TABLE} SET sealed = '' WHERE id = %s", [key.pk])


def test_they_go_with_their_project(key, account):
    """Nobody deletes a project that has a history; should one go, no secret of it stays."""
    assert PushCredential.project.field.remote_field.on_delete.__name__ == "CASCADE"
