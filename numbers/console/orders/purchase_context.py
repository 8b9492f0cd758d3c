"""What the confirm dialog shows."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import ROUND_UP, Decimal
from urllib.parse import urlencode

import phonenumbers

from billing.ledger import queries as ledger
from billing.money import CENT
from numbers.compliance.holder_requirements import HolderRequirements, requirements_by_holder
from numbers.inventory.models import Number
from numbers.leases.billing_dates import charge_date, ordinal
from numbers.orders import purchase_errors
from numbers.orders.queries import usual_holder
from numbers.regulations.models import Holder
from portal.core.errors import DomainError
from projects.models import Project

SIMILAR_DIGITS = 4


@dataclass(frozen=True, slots=True)
class PurchaseQuote:
    """What a number costs this project now, and whether it can purchase or order it."""

    number: Number
    balance: Decimal
    next_charge_on: date
    anchor_day: int  # of the charges that would follow
    error: DomainError | None  # why it cannot be purchased or ordered
    holder: str = ""  # who would use it, of a number that needs documents; empty for the others
    holders: list[HolderRequirements] = field(default_factory=list)  # what is required of each kind

    @property
    def needs_documents(self) -> bool:
        return any(each.requirements for each in self.holders)

    @property
    def is_gone(self) -> bool:
        """It is not available, whatever the customer does next."""
        return self.error is not None and self.error.code == "number_taken"

    @property
    def total(self) -> Decimal:
        """To pay or to hold today: setup and first month."""
        return self.number.setup_price + self.number.monthly_price

    @property
    def balance_after(self) -> Decimal:
        return self.balance - self.total

    @property
    def missing(self) -> Decimal:
        return max(-self.balance_after, Decimal(0)) if self.total else Decimal(0)

    @property
    def missing_in_cents(self) -> Decimal:
        """What has to be added, rounded up to what the gateway can take."""
        return self.missing.quantize(CENT, rounding=ROUND_UP)

    @property
    def similar(self) -> str:
        """The search for numbers that begin like this one, as a query string."""
        code = str(phonenumbers.parse(self.number.e164).country_code)
        national = self.number.e164[1 + len(code) :]
        return urlencode({"country": self.number.country, "pattern": national[:SIMILAR_DIGITS], "match": "start"})

    @property
    def ordinal_day(self) -> str:
        """The day of month of the charges to come: ``1st``, ``22nd``, ``31st``."""
        return ordinal(self.anchor_day)


def quote(project: Project, e164: str, now: datetime, *, holder: str = "") -> PurchaseQuote:
    """Raises ``number_unknown`` for a number that is not in the catalogue.

    A ``holder`` that is none counts as not given: then it is the one of the project's latest order.
    """
    number = Number.objects.filter(e164=e164).first()
    if number is None:
        raise purchase_errors.unknown(e164)
    error = None
    try:
        purchase_errors.check(project=project, e164=e164, expected_total=None, with_documents=number.docs_required)
    except DomainError as raised:
        error = raised
    today = now.astimezone(UTC).date()
    found = PurchaseQuote(number, ledger.balance(project.pk), charge_date(today, 1), today.day, error)
    if not number.docs_required or found.is_gone:
        return found
    chosen = holder if holder in Holder.values else usual_holder(project)
    return replace(found, holder=chosen, holders=requirements_by_holder(project, number, today))
