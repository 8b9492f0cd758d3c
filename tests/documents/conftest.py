import itertools
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from time_machine import travel

from numbers.compliance import uploads
from numbers.documents.rejections import DocumentRejected
from numbers.models import DocumentType, Lease, Regulation
from portal.jobs.outbox import run_due_jobs
from tests.documents.expiring import passport_of  # noqa: F401
from tests.documents.pages import set_up_germany, set_up_types
from tests.support import files
from tests.support.inventory import BERLIN, make_number
from tests.support.purchases import order_number

NOW = datetime(2027, 3, 10, 9, 30, tzinfo=UTC)
TODAY = NOW.date()
NEXT_YEAR = date(2028, 3, 10)


@pytest.fixture(autouse=True)
def folder(tmp_path, settings):
    """A storage of the test's own."""
    place = tmp_path / "documents"
    options = settings.STORAGES["documents"]["OPTIONS"] | {"location": str(place)}
    settings.STORAGES = settings.STORAGES | {"documents": settings.STORAGES["documents"] | {"OPTIONS": options}}
    return place


def stored(folder: Path) -> list[Path]:
    """The documents' files; :func:`pictures` of their pages lie beside them."""
    return sorted(path for path in folder.iterdir() if not path.suffix) if folder.exists() else []


def pictures(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix) if folder.exists() else []


@pytest.fixture
def passport(db):
    return DocumentType.objects.create(code="passport", name="Passport", has_expiry=True)


@pytest.fixture
def bill(db):
    return DocumentType.objects.create(code="bill", name="Utility bill")


@pytest.fixture
def regulation(passport, bill):
    """Numbers in Germany need a passport and a bill."""
    regulation = Regulation.objects.create(
        country="DE", number_type="did", holder="business", valid_from=date(2026, 1, 1)
    )
    for position, kind in enumerate((passport, bill), 1):
        line = regulation.requirements.create(position=position, title=kind.name)
        line.document_types.add(kind)
    return regulation


@pytest.fixture
def order(project, by, regulation):
    return place(project, by)


_serial = itertools.count(1_000_000)


def place(project, by, **extra):
    number = make_number(f"+4930{next(_serial):07d}", **BERLIN, docs_required=True)
    return order_number(project, number.e164, by=by, now=NOW, **extra)


def lend(order, status="active", ended_at=None):
    """The number of an order, handed over by hand; use the fixture ``spoiled``, for nothing is booked."""
    unpaid = {"past_due_since": NOW, "suspends_at": NOW, "releases_at": NOW}
    return Lease.objects.create(
        number=order.number,
        project=order.project,
        order=order,
        status=status,
        started_at=NOW,
        setup_price=0,
        monthly_price=0,
        anchor_day=1,
        next_charge_on=NEXT_YEAR,
        ended_at=ended_at or (NOW if status == "released" else None),
        **(unpaid if status in ("past_due", "suspended") else {}),
    )


@pytest.fixture
def send(project, by, bill):
    """Uploads a small picture, another one each time, unless another one is given. It waits for its inspection."""

    def send(data=None, filename="scan.png", **given):
        data = files.png(text=f"page {send.serial}") if data is None else data
        send.serial += 1
        values = {"project": project, "type": bill, "name": "Bill of March", "expires_on": None, "by": by, "now": NOW}
        return uploads.upload(file=SimpleUploadedFile(filename, data, "application/octet-stream"), **values | given)

    send.serial = 1
    return send


@pytest.fixture
def work(django_capture_on_commit_callbacks):
    """A worker comes by and does what is due."""

    def work(now=NOW):
        with travel(now, tick=False), django_capture_on_commit_callbacks(execute=True):
            run_due_jobs()

    return work


@pytest.fixture
def upload(send, work):
    """Uploads and has it inspected; raises why it was rejected, or why it could not be inspected yet."""

    def upload(*args, **given):
        document = send(*args, **given)
        work()
        document.refresh_from_db()
        if document.rejection_code:
            raise DocumentRejected(document.remark, code=document.rejection_code)
        return document

    return upload


def undone(upload):
    """An upload, and the transaction around it is undone."""
    with suppress(RuntimeError), transaction.atomic():
        upload()
        raise RuntimeError


@pytest.fixture
def types(db):
    """The types of :mod:`tests.documents.pages`."""
    set_up_types()


@pytest.fixture
def germany(db):
    """Numbers there need a proof of identity and one of address."""
    set_up_germany()
