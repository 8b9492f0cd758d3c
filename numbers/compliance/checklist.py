"""The checklist of an order: what it needs, which documents were submitted, and what is missing.

The customer's pages, the desk and the mails all read it here; :mod:`numbers.compliance.completeness` acts on it.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import Prefetch

from numbers.compliance.models import OrderRequirement, Submission
from numbers.orders.models import Order
from numbers.regulations.addresses import address_in_words
from numbers.regulations.models import DocumentType

ACCEPTED, PENDING = Submission.Verdict.ACCEPTED, Submission.Verdict.PENDING
_SUBMISSIONS = Submission.objects.select_related("document__type")
# For ``Order.objects.prefetch_related(*WITH_CHECKLIST)``: three queries for any number of orders.
WITH_CHECKLIST = ("requirements__document_types", Prefetch("requirements__submissions", _SUBMISSIONS))


@dataclass(frozen=True)
class ChecklistItem:
    """A requirement of an order, with the documents submitted for it."""

    requirement: OrderRequirement
    submissions: list[Submission]  # newest first, with their documents
    order: Order
    today: date

    @cached_property
    def accepted(self) -> int:
        """Valid documents that a reviewer accepted."""
        return self._count(ACCEPTED)

    @cached_property
    def pending(self) -> int:
        """Valid documents that wait for a reviewer."""
        return self._count(PENDING)

    def _count(self, verdict: str) -> int:
        return sum(each.verdict == verdict and each.document.is_valid_on(self.today) for each in self.submissions)

    @property
    def missing(self) -> int:
        """Documents that the customer has still to submit."""
        return max(self.requirement.count - self.accepted - self.pending, 0)

    @property
    def is_accepted(self) -> bool:
        return self.accepted >= self.requirement.count

    @property
    def submitted(self) -> int:
        """Of the documents needed: those that are accepted or wait for review."""
        return min(self.accepted + self.pending, self.requirement.count)

    @property
    def state(self) -> str:
        """``accepted``, ``missing`` or ``review``."""
        if self.is_accepted:
            return "accepted"
        return "missing" if self.missing else "review"

    @property
    def address(self) -> str:
        """Where the address on the document must be, in words; may be empty."""
        return address_in_words(self.requirement.address_scope, self.order.number)

    @cached_property
    def types(self) -> list[DocumentType]:
        """Any of these will do; by name."""
        return sorted(self.requirement.document_types.all(), key=lambda kind: kind.name)

    @property
    def type_names(self) -> str:
        """``Bank statement, Passport or Utility bill``"""
        names = [kind.name for kind in self.types]
        return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)

    @property
    def upload_type(self) -> str:
        """Code of the type that the upload page begins with; empty where the customer has to choose."""
        codes = [kind.code for kind in self.types if kind.is_active]
        return codes[0] if len(codes) == 1 else ""

    def accepts_type(self, type_id: int) -> bool:
        return any(kind.pk == type_id for kind in self.requirement.document_types.all())

    def has_document(self, document_id: int) -> bool:
        """It was submitted for this requirement, whatever became of it."""
        return any(each.document_id == document_id for each in self.submissions)


def items(order: Order, today: date) -> list[ChecklistItem]:
    """In the order of the regulation; three queries, or none when ``order`` was read with WITH_CHECKLIST."""
    requirements = order.requirements.all()
    if not hasattr(order, "_prefetched_objects_cache") or "requirements" not in order._prefetched_objects_cache:
        requirements = requirements.prefetch_related("document_types", Prefetch("submissions", _SUBMISSIONS))
    return [
        ChecklistItem(each, sorted(each.submissions.all(), key=lambda row: -row.pk), order, today)
        for each in sorted(requirements, key=lambda row: (row.position, row.pk))
    ]


@dataclass(frozen=True, slots=True)
class OrderChecklist:
    """All requirements of an order."""

    order: Order
    items: list[ChecklistItem]

    @property
    def required(self) -> int:
        """Documents."""
        return sum(item.requirement.count for item in self.items)

    @property
    def missing(self) -> int:
        """Documents that the customer has still to submit; none once it is decided."""
        return sum(item.missing for item in self.items) if self.order.status in Order.UNDECIDED else 0


def order_checklist(order: Order, today: date) -> OrderChecklist:
    return OrderChecklist(order, items(order, today))
