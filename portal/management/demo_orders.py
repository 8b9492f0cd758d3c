"""Orders in every state for the demo, so that its customer and its reviewers find something to do.

Everything goes through the services with a time in the past, in order of time. The documents are drawn here and say
what they are.
"""

from collections.abc import Generator, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from itertools import count

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw, ImageFont

from billing.ledger import services as ledger
from numbers.compliance import approval, inspections
from numbers.compliance.models import Submission
from numbers.compliance.ordering import place_order
from numbers.compliance.uploads import upload
from numbers.desk.review import verdicts
from numbers.inventory.models import Number
from numbers.orders.activation import activate
from numbers.orders.models import Order
from numbers.regulations.models import DocumentType
from portal.accounts.models import User
from portal.management.demo_clock import Scenario, at
from projects import audit
from projects.actor import Actor
from projects.models import Project
from projects.services import create_project

OTHER = ("zoe@customer.example", "Zoe Zenith", "Zenith Travel (demo)")
REVIEWED_BEFORE = ("GB", "FR", "NL", "ES", "IT", "MX")
_serial = count(1)


def scenarios(project: Project, by: Actor, now: datetime) -> list[Scenario]:
    """``project`` gets a number by order, an order that lacks a document and one in review; others fill the queue."""
    paula = User.objects.get(groups__name="Provisioning", is_staff=True)
    staff = Actor("staff", "Provisioning team", paula.pk)
    with at(now - timedelta(days=20)):
        other, other_by = _other_customer(now - timedelta(days=20))
    hours: Iterator[int] = iter((3, 5, 7, 11, 18, 26))
    past = [
        _past(other, other_by, staff, country, now - timedelta(days=days), timedelta(hours=next(hours)))
        for days, country in enumerate(REVIEWED_BEFORE, start=4)
    ]
    return [
        *past,
        _past(project, by, staff, "ES", now - timedelta(days=9), timedelta(hours=6)),
        _lacking(project, by, "DE", now - timedelta(days=2)),
        _in_review(project, by, "FR", now - timedelta(hours=6)),
        _in_review(other, other_by, "AU", now - timedelta(hours=32)),
        _sent_back(other, other_by, staff, "IN", now - timedelta(hours=20)),
    ]


def grant(project: Project, amount: Decimal, at: datetime) -> None:
    """The credit that a project of the demo begins with."""
    ledger.ensure_accounts(project.pk)
    ledger.post(
        key=f"demo-credit:{project.pk}",
        kind="grant",
        project_id=project.pk,
        debit="goodwill",
        credit="wallet",
        amount=amount,
        occurred_at=at,
        memo="Welcome credit of the demo",
        cause=("grant", project.pk),
    )


def _other_customer(now: datetime) -> tuple[Project, Actor]:
    email, name, company = OTHER
    user = User.objects.create_user(email, None, full_name=name, company=company)
    by = Actor("user", email, user.pk)
    project = create_project(name="Zenith Hotline", owner=user, by=by)
    grant(project, Decimal("500.00"), now)
    return project, by


def _order(project: Project, by: Actor, country: str, now: datetime) -> Order | None:
    """An order of a cheap number of the country; None when the demo's few numbers hold none."""
    number = (
        Number.objects.filter(
            status=Number.Status.AVAILABLE,
            country=country,
            docs_required=True,
            type=Number.Type.DID,
            setup_price__lt=15,
            monthly_price__lt=20,
        )
        .order_by("monthly_price", "e164")
        .first()
    )
    if number is None:
        return None
    return place_order(
        project=project, e164=number.e164, by=by, purchase_key=None, expected_total=None, now=now, holder="business"
    )


def _complete(order: Order | None, by: Actor, now: datetime) -> Order | None:
    """Uploads what the order misses."""
    if order is None:
        return None
    for line in order.requirements.all():
        missing = line.count - line.submissions.count()
        kind = line.document_types.order_by("id").first()
        if kind is not None:
            for _ in range(missing):
                _upload(order, kind, by, now)
    order.refresh_from_db()
    return order


def _past(project: Project, by: Actor, staff: Actor, country: str, placed: datetime, took: timedelta) -> Scenario:
    """An order that was reviewed and handed over in the past."""
    yield placed
    order = _order(project, by, country, placed)
    completed, decided = placed + timedelta(minutes=30), placed + timedelta(minutes=30) + took
    yield completed
    order = _complete(order, by, completed)
    yield decided
    if order is None or order.status != Order.Status.IN_REVIEW:
        return
    for submission in Submission.objects.filter(requirement__order=order, verdict=Submission.Verdict.PENDING):
        document = submission.document
        audit.record(
            project_id=project.pk,
            by=staff,
            action="document.viewed",
            subject=document.name,
            order=str(order.ref),
            number=order.number.e164,
            document=str(document.ref),
            how="preview",
        )
        verdicts.accept(submission=submission, by=staff, now=decided)
    approval.approve(order=order, by=staff, now=decided)
    yield decided + timedelta(seconds=2)
    activate(order_id=order.pk, now=decided + timedelta(seconds=2))


def _lacking(project: Project, by: Actor, country: str, placed: datetime) -> Scenario:
    """An order whose documents did not come yet."""
    yield placed
    _order(project, by, country, placed)


def _in_review(project: Project, by: Actor, country: str, placed: datetime) -> Generator[datetime, None, Order | None]:
    """An order that is complete an hour later."""
    yield placed
    order = _order(project, by, country, placed)
    yield placed + timedelta(hours=1)
    return _complete(order, by, placed + timedelta(hours=1))


def _sent_back(project: Project, by: Actor, staff: Actor, country: str, placed: datetime) -> Scenario:
    """An order of which one document was rejected."""
    order = yield from _in_review(project, by, country, placed)
    decided = placed + timedelta(hours=4)
    yield decided
    pending = (
        Submission.objects.filter(requirement__order=order, verdict=Submission.Verdict.PENDING).order_by("id").last()
        if order
        else None
    )
    if pending is not None:
        verdicts.reject(
            submission=pending,
            reason="The page with the address is cut off. Please scan the whole page.",
            by=staff,
            now=decided,
        )


def _upload(order: Order, kind: DocumentType, by: Actor, now: datetime) -> None:
    name, data, mime = _drawn(kind.name, order.project.name)
    document = upload(
        project=order.project,
        type=kind,
        name=f"{kind.name}, {order.project.name}",
        expires_on=(now + timedelta(days=400)).date() if kind.has_expiry else None,
        file=SimpleUploadedFile(name, data, content_type=mime),
        by=by,
        now=now,
        only_for=order,
    )
    inspections.inspect(document_id=document.pk, now=now)  # the job that is queued for it would do so later


def _drawn(title: str, owner: str) -> tuple[str, bytes, str]:
    """A page that says that it is no real document; every second one is a PDF. Each differs by its serial number."""
    serial = next(_serial)
    page = Image.new("RGB", (1000, 1414), "white")
    draw = ImageDraw.Draw(page)
    draw.rectangle((40, 40, 960, 1374), outline="#0b6e7f", width=6)
    draw.text((90, 110), "SPECIMEN", fill="#b3261e", font=ImageFont.load_default(72))
    draw.text((90, 230), title, fill="#18222d", font=ImageFont.load_default(46))
    lines = [
        f"Issued to: {owner}",
        "1 Example Street, Exampletown",
        f"Serial no. DEMO-{serial:05d}",
        "An invented paper of an invented office.",
        "It proves nothing and belongs to nobody.",
    ]
    for row, text in enumerate(lines):
        draw.text((90, 360 + 70 * row), text, fill="#4b5866", font=ImageFont.load_default(34))
    for row in range(9):
        draw.rectangle((90, 800 + 48 * row, 910 - (row * 97) % 380, 818 + 48 * row), fill="#dce1e6")
    out, as_pdf = BytesIO(), serial % 2 == 0
    page.save(out, "PDF" if as_pdf else "JPEG", resolution=120)
    ending, mime = ("pdf", "application/pdf") if as_pdf else ("jpg", "image/jpeg")
    return f"{title.lower().replace(' ', '-')}.{ending}", out.getvalue(), mime
