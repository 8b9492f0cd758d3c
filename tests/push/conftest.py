"""Uploading as the service is called; nobody's limit is reached."""

import pytest
import time_machine

from projects.push import services
from projects.push.services import Upload
from tests.support.push import KEY_ID, NOW, TEAM


@pytest.fixture
def for_ios(project, by):
    """``for_ios(data)`` → the stored credential."""

    def upload(data, now=NOW, **given):
        given = {"password": "", "key_id": KEY_ID, "team_id": TEAM, "bundle_id": ""} | given
        name = given.pop("name", "file")
        upload = Upload(data, len(data), name)
        return services.upload_for_ios(project=project, upload=upload, by=by, now=now, **given)

    return upload


@pytest.fixture
def for_android(project, by):
    def upload(data, now=NOW):
        return services.upload_for_android(project=project, upload=Upload(data, len(data)), by=by, now=now)

    return upload


@pytest.fixture
def today():
    """The day for which the certificates of the tests are made."""
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def at(project):
    """``at("ios", "upload")`` → the address."""
    return lambda platform, what="": f"/projects/{project.pid}/push/{platform}/{what + '/' if what else ''}"
