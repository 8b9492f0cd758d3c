"""Orders in every state for the demo, so that its customer and its reviewers find something to do.

Everything goes through the services with a time in the past; the documents are drawn here and say what they are.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from itertools import count

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw, ImageFont

from billing.ledger import services as ledger
from numbers.documents import inspecting
from numbers.documents.services import upload
from numbers.inventory.models import Number
from numbers.orders import provisioning, review
from numbers.orders.handover import hand_over
from numbers.orders.models import Order, Submission
from numbers.orders.services import place_order
from numbers.regulations.models import DocumentType
from portal.accounts.models import User
from projects.actor import Actor
from projects.models import Project
from projects.services import create_project

OTHER = ("zoe@customer.example", "Zoe Zenith", "Zenith Travel (demo)")
REVIEWED_BEFORE = ("GB", "FR", "NL", "ES", "IT", "MX")
_serial = count(1)


def fill(project: Project, by: Actor, now: datetime) -> None:
    """``project`` gets a number by order, an order that lacks a paper and one in review; others fill the queue."""
    paula = User.objects.get(groups__name="Provisioning", is_staff=True)
    staff = Actor("staff", "Provisioning team", paula.pk)
    other, other_by = _other_customer(now)
    hours: Iterator[int] = iter((3, 5, 7, 11, 18, 26))
    for days, country in enumerate(REVIEWED_BEFORE, start=4):
        _past(other, other_by, staff, country, now - timedelta(days=days), timedelta(hours=next(hours)))
    _past(project, by, staff, "ES", now - timedelta(days=9), timedelta(hours=6))
    _order(project, by, "DE", now - timedelta(days=2))
    _complete(_order(project, by, "FR", now - timedelta(hours=6)), by, now - timedelta(hours=5))
    _complete(_order(other, other_by, "AU", now - timedelta(hours=32)), other_by, now - timedelta(hours=31))
    asked = _complete(_order(other, other_by, "IN", now - timedelta(hours=20)), other_by, now - timedelta(hours=19))
    if asked is not None:
        pending = Submission.objects.filter(line__order=asked, verdict="pending").order_by("id").last()
        if pending is not None:
            review.refuse_document(submission=pending, reason="The page with the address is cut off. Please scan the "
                                   "whole page.", by=staff, now=now - timedelta(hours=16))


def _other_customer(now: datetime) -> tuple[Project, Actor]:
    email, name, company = OTHER
    user = User.objects.create_user(email, None, full_name=name, company=company)
    by = Actor("user", email, user.pk)
    project = create_project(name="Zenith Hotline", owner=user, by=by)
    ledger.ensure_accounts(project.pk)
    ledger.post(key=f"demo-credit:{project.pk}", kind="grant", project_id=project.pk, debit="goodwill",
                credit="wallet", amount=Decimal("500.00"), occurred_at=now - timedelta(days=20),
                memo="Welcome credit of the demo", cause=("grant", project.pk))
    return project, by


def _order(project: Project, by: Actor, country: str, now: datetime) -> Order | None:
    """An order of a cheap number of the country; None when the demo's few numbers hold none."""
    number = (
        Number.objects.filter(status=Number.Status.AVAILABLE, country=country, docs_required=True, type="did",
                              setup_price__lt=15, monthly_price__lt=20)
        .order_by("monthly_price", "e164").first()
    )
    if number is None:
        return None
    return place_order(project=project, e164=number.e164, by=by, purchase_key=None, expected_total=None, now=now,
                       holder="business")


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


def _past(project: Project, by: Actor, staff: Actor, country: str, placed: datetime, took: timedelta) -> None:
    """An order that was reviewed and handed over in the past."""
    order = _complete(_order(project, by, country, placed), by, placed + timedelta(minutes=30))
    if order is None or order.status != Order.Status.IN_REVIEW:
        return
    decided = placed + timedelta(minutes=30) + took
    for submission in Submission.objects.filter(line__order=order, verdict="pending"):
        review.accept(submission=submission, by=staff, now=decided)
    provisioning.approve(order=order, by=staff, now=decided)
    hand_over(order_id=order.pk, now=decided + timedelta(seconds=2))


def _upload(order: Order, kind: DocumentType, by: Actor, now: datetime) -> None:
    name, data, mime = _drawn(kind.name, order.project.name)
    document = upload(
        project=order.project, type=kind, name=f"{kind.name}, {order.project.name}",
        expires_on=(now + timedelta(days=400)).date() if kind.has_expiry else None,
        file=SimpleUploadedFile(name, data, content_type=mime), by=by, now=now, only_for=order)
    inspecting.inspect(document_id=document.pk, now=now)  # the job that is queued for it would do so later


def _drawn(title: str, owner: str) -> tuple[str, bytes, str]:
    """A page that says that it is no real paper; every second one is a PDF. Each differs by its serial number."""
    serial = next(_serial)
    page = Image.new("RGB", (1000, 1414), "white")
    draw = ImageDraw.Draw(page)
    draw.rectangle((40, 40, 960, 1374), outline="#0b6e7f", width=6)
    draw.text((90, 110), "SPECIMEN", fill="#b3261e", font=ImageFont.load_default(72))
    draw.text((90, 230), title, fill="#18222d", font=ImageFont.load_default(46))
    lines = [f"Issued to: {owner}", "1 Example Street, Exampletown", f"Serial no. DEMO-{serial:05d}",
             "An invented paper of an invented office.", "It proves nothing and belongs to nobody."]
    for row, text in enumerate(lines):
        draw.text((90, 360 + 70 * row), text, fill="#4b5866", font=ImageFont.load_default(34))
    for row in range(9):
        draw.rectangle((90, 800 + 48 * row, 910 - (row * 97) % 380, 818 + 48 * row), fill="#dce1e6")
    out, as_pdf = BytesIO(), serial % 2 == 0
    page.save(out, "PDF" if as_pdf else "JPEG", resolution=120)
    ending, mime = ("pdf", "application/pdf") if as_pdf else ("jpg", "image/jpeg")
    return f"{title.lower().replace(' ', '-')}.{ending}", out.getvalue(), mime
