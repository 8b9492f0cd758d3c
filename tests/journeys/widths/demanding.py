"""A project in which everything is as long as it may be: names, places, numbers, amounts, addresses."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import cycle
from typing import Any

from django.utils import timezone

from billing.ledger import services as ledger
from billing.payments.models import TopUp
from numbers.documents import storage
from numbers.inventory import stats
from numbers.leases import services
from numbers.messaging.dispatch import dispatch
from numbers.models import CallRecord, Lease, Message, Order, OrderMessage, RoutingImport, Submission
from numbers.renewals.charging import charge_months
from numbers.routing.services import set_pstn
from numbers.routing_files import importing
from portal.accounts.models import User
from portal.jobs.outbox import run_due_jobs
from projects.actor import SYSTEM
from projects.app_users import services as app_users
from projects.app_users.models import AppUser, AppUserImport
from projects.models import Project
from tests.calls.records import make_record
from tests.desk.conftest import reviewer
from tests.leases.data import release, unpaid
from tests.messaging.messages import make_message
from tests.support.app_users import add_app_user, start_import
from tests.support.documents import make_document
from tests.support.files import pdf
from tests.support.inventory import make_number
from tests.support.messaging import set_messaging_url
from tests.support.people import actor, make_user
from tests.support.projects import make_project
from tests.support.purchases import order_number, purchase_number
from tests.support.regulations import make_regulation
from tests.support.routing_files import start_routing_import
from tests.support.webhooks import deliver

COMPANY = "Ευρωπαϊκή Ανώνυμη Εταιρεία Τηλεπικοινωνιακών Λύσεων και Συνδρομητικών Υπηρεσιών Θεσσαλονίκης"
CITY = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogoch"
EMAIL = "konstantinos.papadopoulos-anagnostopoulos.telecommunications@procurement.long-company-name.example"
PROJECT = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk Customer Service, Vienna"
NAME = "Rindfleischetikettierungsueberwachungsaufgabenuebertragungsgesetz"[:64]
TAGS = ["donaudampfschifffahrtsgesellscha", "night-shift", "αποκλειστικές-συνδρομές-πελατών"]
PRICE = {"setup_price": Decimal("1234.56"), "monthly_price": Decimal("12345.67")}
LONGEST = "+496691123456789"  # fifteen digits
OFFERED = "+390236512345"
LONG_URL = f"https://{NAME[:60].lower()}.{COMPANY.split()[0].lower()}.example:65535/{'in' * 300}?tenant="


@dataclass
class World:
    owner: User
    staff: User
    project: Project
    leases: list[Lease]
    orders: list[Order]
    top_ups: list[TopUp]
    app_users: list[AppUser]
    imports: list[AppUserImport | RoutingImport]
    calls: list[CallRecord]
    message: Message

    def addresses(self) -> Iterator[dict[str, object]]:
        """Values for the names in addresses, until each thing was had once."""
        most = max(len(self.leases), len(self.orders), len(self.top_ups))
        for n in range(most):
            lease, order = self.leases[n % len(self.leases)], self.orders[n % len(self.orders)]
            call = self.calls[n % len(self.calls)]
            yield {
                "pid": self.project.pid,
                "lease": lease.pk,
                "ref": order.ref,
                "order": order.pk,
                "e164": OFFERED[1:],
                "object_id": order.pk,
                "start": call.started,
                "record": call.id,
                "message_id": self.message.message_id,
                "webhook_id": self.message.message_id,
            }
        for ref in [*(top_up.ref for top_up in self.top_ups), *(batch.ref for batch in self.imports)]:
            yield {"pid": self.project.pid, "ref": ref}
        for app_user in self.app_users:
            yield {"pid": self.project.pid, "app_user": app_user.pk}


def build() -> World:
    owner = make_user(email=EMAIL, full_name=f"Κωνσταντίνος {NAME}", company=COMPANY)
    project = make_project(owner, name=PROJECT, credit="1234567.89")
    for n in range(9):
        make_project(owner, name=f"{CITY} {n}")
    leases, orders = list(_leases(project)), list(_orders(project))
    make_number(
        OFFERED,
        country="IT",
        region="Friuli-Venezia Giulia / Friûl-Vignesie Julie",
        city=CITY,
        docs_required=True,
        **PRICE,
    )
    for n in range(3):
        make_number(f"+1212555020{n}", region=CITY, city=CITY, **PRICE)
    make_number("+441632960961", country="GB", region="", city=CITY, sms=False, **PRICE)
    stats.refresh()
    stats.forget()
    boss = reviewer("Wolfeschlegelsteinhausenbergerdorff Staff", is_superuser=True, email=f"staff.{EMAIL}")
    _review(orders, boss)
    return World(
        owner=owner,
        staff=boss,
        project=project,
        leases=leases,
        orders=orders,
        top_ups=list(_top_ups(project)),
        app_users=_app_users(project),
        imports=[_import(project), *_routing_files(project)],
        calls=list(_calls(leases)),
        message=_message(leases[0]),
    )


def _leases(project: Project) -> Iterator[Lease]:
    now = timezone.now() - timedelta(days=40)
    places = (
        ("US", CITY, CITY, "+12125550100"),
        ("DE", "Mecklenburg-Vorpommern", CITY, LONGEST),
        ("GB", "Dyfed Powys", CITY, "+442079460100"),
        ("US", "", "", "+18005550199"),
        ("US", "New York", "New York", "+12125550101"),
    )
    for place, (country, region, city, e164) in enumerate(places):
        number = make_number(
            e164, country=country, region=region, city=city, type="tollfree" if "800" in e164 else "did", **PRICE
        )
        lease = purchase_number(project, number.e164, by=actor(project.created_by), now=now)
        services.rename_lease(lease=lease, name=NAME, by=SYSTEM, now=now)
        services.set_tags(lease=lease, tags=TAGS, by=SYSTEM, now=now)
        if place < 2:
            set_pstn(lease=lease, target="+442079460123", by=SYSTEM, now=now)
            set_messaging_url(lease, f"{LONG_URL}{place}", fallback_url=f"{LONG_URL}fallback")
        yield lease
    set_messaging_url(project, f"{LONG_URL}default", method="GET")
    charge_months(now=timezone.now())
    unpaid(lease, since=timezone.now())
    release(Lease.objects.order_by("pk")[3], now=timezone.now())


def _calls(leases: list[Lease]) -> Iterator[CallRecord]:
    """Each number was called, and the call sent on; long names at each place."""
    begun = timezone.now() - timedelta(hours=30)
    long: dict[str, Any] = {
        "caller": LONGEST, "caller_name": COMPANY[:128], "call_id": f"{'0123456789abcdef' * 4}@{NAME.lower()}.example",
        "hangup_by": "switch", "answered_by": f"sip:{NAME}@{NAME.lower()}.example:5061", "attestation": "A",
    }  # fmt: skip
    for place, (lease, status) in enumerate(zip(leases, cycle(CallRecord.Status), strict=False)):
        at = begun + timedelta(hours=place)
        yield make_record(lease, start_time=at, status=status, sip_code=480 + place, **long)
        make_record(lease, start_time=at, direction="out", target=LONGEST, gateway=f"{NAME}.example:5060", **long)


def _message(lease: Lease) -> Message:
    """As long as may be, of many parts, one of which never came; tried in vain."""
    message = make_message(
        lease,
        received_at=timezone.now() - timedelta(hours=1),
        source=COMPANY.split()[0][:11],
        text=f"{COMPANY}, {CITY}: {LONG_URL[:1200]}",
        encoding=Message.Encoding.UCS2,
        parts=20,
        missing_parts=[7, 19],
    )
    dispatch([message], timezone.now())
    deliver()  # there is no such host
    return message


def _orders(project: Project) -> Iterator[Order]:
    words = f"{CITY} {CITY.upper()} or a shorter one, in Latin letters, not older than three months."
    for holder in ("business", "individual"):
        make_regulation(
            "",
            holder,
            summary=words[:300],
            is_demo=True,
            lines=[
                {
                    "types": ["bank_statement", "utility_bill"],
                    "title": f"Proof of address {NAME}"[:80],
                    "address_scope": "city",
                    "explanation": words,
                },
                {"types": ["register_extract"], "title": "Company register", "count": 2},
            ],
        )
    for n in range(3):
        number = make_number(
            f"+4930555{n}0100", country="DE", region="Mecklenburg-Vorpommern", city=CITY, docs_required=True, **PRICE
        )
        yield order_number(
            project, number.e164, by=actor(project.created_by), now=timezone.now() - timedelta(days=2 * n)
        )


def _app_users(project: Project) -> list[AppUser]:
    now = timezone.now()
    long = {"display_name": f"{CITY} {CITY}"[:80]}
    one, two = (add_app_user(project, letter * 64, now=now, **long).app_user for letter in "wm")
    app_users.deactivate(app_user=two, by=SYSTEM, now=now)
    return [one, two]


def _import(project: Project) -> AppUserImport:
    """The workers end it before the pages are walked."""
    rows = [f"{'x' * 64},{CITY}", "w" * 64, "y" * 65, f"{'z' * 200}@{CITY}.example", "o'hara"]
    return start_import(project, "\n".join(rows), now=timezone.now())


def _routing_files(project: Project) -> Iterator[RoutingImport]:
    """One that was applied, one to apply, one with mistakes; the workers are done with them."""
    for rows, applied in (
        ("+12125550100,sip,sip.a-very-long-host-name-that-goes-on.and-on-and-on.example:5061;transport=tls", True),
        (f"{LONGEST},pstn,+442079460199", False),
        (f"{'9' * 30},pstn,x\n+12125550101,users,{'w' * 64}\n4.42079E+11,default,", False),
    ):
        record = start_routing_import(project, f"number,calls_to,target\n{rows}\n", now=timezone.now())
        run_due_jobs()
        if applied:
            importing.apply(record=record, by=SYSTEM)
            run_due_jobs()
        yield record


def _review(orders: list[Order], boss: User) -> None:
    """The first still waits, the second has everything, of the third something was rejected and asked."""
    content = pdf(2)
    for place, order in enumerate(orders[1:]):
        for line in order.requirements.all():
            stored = storage.write(content)
            document = make_document(
                order.project,
                line.document_types.all()[0],
                name=f"{line.title}"[:80],
                original_name=f"{NAME}_{CITY}"[:116] + ".pdf",
                storage_name=stored.name,
                wrapped_key=stored.wrapped_key,
                size=len(content),
                pages=2,
                expires_on=timezone.now().date() + timedelta(days=20),
            )
            Submission.objects.create(
                requirement=line,
                document=document,
                **({"verdict": "rejected", "reason": f"Not readable: {CITY}, {EMAIL}"} if place else {}),
            )
        Order.objects.filter(pk=order.pk).update(
            status="in_review" if not place else "documents_requested", submitted_at=timezone.now(), assigned_to=boss
        )
        for kind in ("question", "answer", "note"):
            OrderMessage.objects.create(order=order, kind=kind, author=boss, text=f"{CITY} {EMAIL} +442079460123 " * 2)


def _top_ups(project: Project) -> Iterator[TopUp]:
    for status in ("open", "paid", "expired"):
        paid = status == "paid"
        top_up = TopUp.objects.create(
            project=project,
            amount=Decimal("1234567.89"),
            currency="USD",
            livemode=False,
            status=status,
            booked=Decimal("1234567.89") if paid else 0,
            agreed_at=timezone.now(),
            terms_version="1",
            refund_policy_version="1",
            paid_at=timezone.now() if paid else None,
            payer_email=EMAIL,
            card_brand="visa",
            card_last4="4242",
            created_by=project.created_by,
            form_token=status,
        )
        if paid:
            ledger.post(
                key=f"top_up:{top_up.pk}:0",
                kind="top_up",
                project_id=project.pk,
                debit="gateway",
                credit="wallet",
                amount=top_up.amount,
                occurred_at=timezone.now(),
                memo="Credits",
                cause=("top_up", top_up.pk),
            )
        yield top_up
