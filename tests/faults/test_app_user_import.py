"""An import of app users whose worker is killed in the middle of a part."""

import pytest

from portal.celery import app
from projects.app_users.models import AppUser, AppUserImport, AppUserImportRow
from projects.models import AuditEntry
from tests.faults.workers import held, kill, make_due, running_worker, swept_until, until, waiting_for, worker_env
from tests.support.app_users import start_import

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race, pytest.mark.slow]


def test_each_row_is_there_once_after_a_kill(project, tmp_path):
    app.control.purge()
    start_import(project, "".join(f"user{n}\n" for n in range(2500)))
    with (
        held("LOCK TABLE projects_appuserimportrow IN SHARE MODE") as other,
        running_worker(worker_env(), tmp_path / "first.log") as worker,
    ):
        until(lambda: waiting_for(other), "the worker to be in the middle of a part")
        kill(worker)
    make_due()
    assert not AppUser.objects.exists()
    with running_worker(worker_env(), tmp_path / "second.log"):
        swept_until(lambda: not AppUserImport.objects.get().is_running, "the import to end")
    record = AppUserImport.objects.get()
    assert (record.status, record.added, record.failed) == ("done", 2500, 0)
    assert (AppUser.objects.count(), AppUserImportRow.objects.count()) == (2500, 2500)
    assert AuditEntry.objects.filter(action="app_user.imported").count() == 1
