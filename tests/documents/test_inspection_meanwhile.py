"""What happens while a file waits for its inspection, and the worker that does it."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from numbers.compliance import inspections, uploads
from numbers.documents import inspection_jobs, storage
from numbers.documents.inspection import limited
from numbers.models import Document, Order, Submission
from numbers.orders.closing import cancel_order
from portal.jobs.models import Job
from projects.models import AuditEntry, Project
from tests.documents.conftest import NEXT_YEAR, NOW, place, stored
from tests.documents.test_inspection import DAY, fresh
from tests.faults.workers import worker_env
from tests.support.crowd import at_once


class TestMeanwhile:
    """``during`` happens after the file was opened and before the outcome is kept."""

    @pytest.fixture
    def during(self, monkeypatch):
        def during(act):
            run = limited.run

            def inspected(*args, **given):
                outcome = run(*args, **given)
                act()
                return outcome

            monkeypatch.setattr(limited, "run", inspected)

        return during

    def test_it_is_withdrawn(self, send, work, by, order, folder, during):
        document = send()
        during(lambda: uploads.withdraw(document=document, by=by, now=NOW))
        work()
        gone = fresh(document)
        assert (gone.inspection, gone.withdrawn_at, gone.wrapped_key) == ("pending", NOW, "")
        assert stored(folder) == []
        assert not Submission.objects.exists()
        assert Job.objects.get(kind="documents.inspect").state == "done"

    def test_it_is_withdrawn_before_anybody_looks(
        self, send, work, by, folder, monkeypatch, django_capture_on_commit_callbacks
    ):
        monkeypatch.setattr(limited, "run", None)
        document = send()
        with django_capture_on_commit_callbacks(execute=True):
            uploads.withdraw(document=document, by=by, now=NOW)
        work()
        assert (stored(folder), Job.objects.get(kind="documents.inspect").state) == ([], "done")

    def test_the_order_ends(self, send, work, by, order, during):
        document = send(only_for=order)
        during(lambda: cancel_order(order=order, by=by, now=NOW))
        work()
        assert fresh(document).has_passed
        assert not Submission.objects.exists()
        assert Order.objects.get(pk=order.pk).status == "cancelled"

    def test_an_order_is_placed(self, project, by, regulation, send, work, during):
        send()
        during(lambda: place(project, by))
        work()
        assert Submission.objects.count() == 1

    def test_the_project_is_archived(self, send, work, order, during):
        document = send()
        during(lambda: Project.objects.update(status="archived"))
        work()
        assert fresh(document).has_passed
        assert not Submission.objects.exists()

    def test_its_last_day_passes(self, send, work, order, passport):
        document = send(type=passport, expires_on=(NOW + DAY).date())
        work(NOW + 2 * DAY)
        assert fresh(document).has_passed
        assert not Submission.objects.exists()

    def test_the_old_one_goes_into_review(self, upload, send, work, order, passport, project, during):
        """Then it stays where the reviewer sees it, and the new one stands beside it."""
        old = upload(type=passport, expires_on=NEXT_YEAR, name="Old passport")
        new = send(type=passport, expires_on=NEXT_YEAR, replaces=old)
        bill = upload()  # completes the order; the worker that does it inspects the other one first
        assert bill.has_passed
        assert fresh(old).withdrawn_at is not None  # replaced before the order was complete
        assert Submission.objects.filter(document=new).exists()

        newer = send(type=passport, expires_on=NEXT_YEAR, name="Newer")
        Document.objects.filter(pk=newer.pk).update(replaces=new)
        work()
        newer = fresh(newer)
        assert newer.replaces is None
        assert "is already in review" in newer.remark
        assert fresh(new).has_passed
        assert Order.objects.get(pk=order.pk).status == "in_review"
        assert not Submission.objects.filter(document=newer).exists()

    def test_the_old_one_is_withdrawn(self, upload, send, work, by, order, during):
        old = upload()
        new = send(replaces=old)
        during(lambda: uploads.withdraw(document=old, by=by, now=NOW))
        work()
        assert (fresh(new).replaces, fresh(new).has_passed) == (None, True)
        assert Submission.objects.get(document=new).verdict == "pending"


WORKER = """
import os, signal, sys
import django; django.setup()
from numbers.documents.inspection import limited
from portal.jobs.outbox import run_due_jobs
run = limited.run
def killed(*args, **given):
    outcome = run(*args, **given)
    print("inside", flush=True)
    signal.pause()
limited.run = killed
run_due_jobs()
"""


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
class TestWorkers:
    def test_one_that_is_killed_in_the_middle(self, send, work, order, folder, settings):
        document = send()
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER],
            env=worker_env(DOCUMENT_ROOT=str(folder)),
            stdout=subprocess.PIPE,
            text=True,
            cwd=settings.BASE_DIR,
        )
        try:
            assert worker.stdout.readline() == "inside\n"
            assert fresh(document).is_being_checked
        finally:
            os.kill(worker.pid, signal.SIGKILL)
            worker.wait()
            worker.stdout.close()
        assert fresh(document).is_being_checked
        assert inspection_jobs.close_abandoned(now=NOW) == 0
        work()  # another one, ten seconds later and more
        assert fresh(document).has_passed
        assert Submission.objects.get().document == document
        assert [file.name for file in stored(folder)] == [fresh(document).storage_name]

    def test_two_at_once(self, send, order, folder, monkeypatch):
        """The job is taken by one; should another look at the same file all the same, one outcome is kept."""
        document, both, run = send(), threading.Barrier(2), limited.run

        def together(*args, **given):
            outcome = run(*args, **given)
            both.wait(30)
            return outcome

        monkeypatch.setattr(limited, "run", together)
        at_once([lambda: inspections.inspect(document_id=document.pk, now=NOW)] * 2)
        assert [file.name for file in stored(folder)] == [fresh(document).storage_name]
        assert storage.read(fresh(document))
        assert Submission.objects.count() == 1
        assert AuditEntry.objects.filter(action="document.checked").count() == 1

    def test_nothing_is_locked_while_a_file_is_opened(self, send, by, order, monkeypatch, work):
        """Whoever takes a document back, or cancels the order, does not wait for the inspection of another one."""
        document, other, run = send(), send(), limited.run

        def meanwhile(*args, **given):
            outcome = run(*args, **given)
            if fresh(other).withdrawn_at is None:
                (got,) = at_once([lambda: uploads.withdraw(document=other, by=by, now=NOW)])
                assert not got.is_there
            return outcome

        monkeypatch.setattr(limited, "run", meanwhile)
        work()
        assert fresh(document).has_passed


def test_the_file_of_an_interrupted_upload_is_erased(send, folder, monkeypatch):
    monkeypatch.setattr(inspection_jobs, "enqueue_inspection", lambda row: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        send()
    assert (stored(folder), Document.objects.count()) == ([], 0)
