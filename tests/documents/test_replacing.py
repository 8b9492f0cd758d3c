"""A document in place of another."""

from datetime import timedelta

from numbers.compliance import uploads
from numbers.documents import storage
from numbers.models import Document, Submission
from portal.shell.activity import line
from projects.models import AuditEntry
from tests.documents.conftest import NEXT_YEAR, NOW, TODAY, place, stored
from tests.documents.test_upload import refused_at
from tests.support import files
from tests.support.projects import make_project
from tests.support.purchases import status_of


class TestReplacing:
    def test_an_expired_one(self, order, upload, passport):
        old = upload(type=passport, expires_on=NEXT_YEAR)
        upload()
        Submission.objects.filter(document=old).update(verdict="accepted")
        Document.objects.filter(pk=old.pk).update(expires_on=TODAY - timedelta(days=1))
        old.refresh_from_db()
        new = upload(type=passport, expires_on=NEXT_YEAR, name="New passport", replaces=old)
        assert new.replaces == old
        assert Submission.objects.filter(document=new).count() == 1
        old.refresh_from_db()
        assert old.is_there  # it was judged: it stays on record with its order
        entry = AuditEntry.objects.get(action="document.replaced")
        assert (entry.subject, entry.data["replaced"]) == ("New passport", str(old.ref))
        assert line(entry).words == "replaced a document with “New passport”"

    def test_one_without_a_verdict_goes(self, order, upload, folder, django_capture_on_commit_callbacks):
        old = upload()
        with django_capture_on_commit_callbacks(execute=True):
            new = upload(replaces=old)
        old.refresh_from_db()
        assert (old.withdrawn_at, old.wrapped_key) == (NOW, "")
        assert [file.name for file in stored(folder)] == [new.storage_name]
        assert set(Submission.objects.values_list("document", flat=True)) == {old.pk, new.pk}

    def test_the_new_one_steps_in_even_where_it_is_not_meant_for(self, project, by, regulation, upload):
        first, second = place(project, by), place(project, by)
        old = upload()
        new = upload(replaces=old, only_for=second)
        assert set(Submission.objects.filter(document=new).values_list("requirement__order", flat=True)) == {
            first.pk,
            second.pk,
        }

    def test_the_same_file_with_another_date(self, upload, passport):
        data = files.rebuilt_pdf()
        old = upload(data, "a.pdf", type=passport, expires_on=NEXT_YEAR)
        new = upload(data, "a.pdf", type=passport, expires_on=NEXT_YEAR + timedelta(days=1), replaces=old)
        assert storage.read(new) == data

    def test_not_one_that_is_being_reviewed(self, order, upload, passport):
        old = upload(type=passport, expires_on=NEXT_YEAR)
        upload()
        assert status_of(order) == "in_review"
        assert refused_at(upload, type=passport, expires_on=NEXT_YEAR, replaces=old) == ("document_in_use", None)

    def test_not_one_of_another_project_or_kind_or_one_withdrawn(self, upload, passport, by):
        old = upload()
        problem = ("document_replacement_invalid", "type")
        assert refused_at(upload, project=make_project(), replaces=old) == problem
        assert refused_at(upload, type=passport, expires_on=NEXT_YEAR, replaces=old) == problem
        old = uploads.withdraw(document=old, by=by, now=NOW)
        assert refused_at(upload, replaces=old) == problem
