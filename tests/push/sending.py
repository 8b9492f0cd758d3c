"""How the tests of pages send a file, and read what stands beside a field."""

import re

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.support.push import APP, KEY_ID, TEAM

IDS = {"key_id": KEY_ID, "team_id": TEAM, "bundle_id": APP}


def send(browser, address, data=None, name="file", **given):
    files = {} if data is None else {"file": SimpleUploadedFile(name, data)}
    return browser.post(address, given | files)


def error_of(page, field):
    return re.search(rf'id="id_{field}_error">(.*?)</div>\s*</div>', page.content.decode(), re.S)[1]
