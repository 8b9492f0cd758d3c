"""What the country of a number requires, copied to a new order."""

from datetime import date

from numbers.compliance.carry_over import accepted_submissions, proofs
from numbers.compliance.checklist import ACCEPTED
from numbers.compliance.models import OrderRequirement, Submission
from numbers.orders.models import Order
from numbers.regulations.models import Requirement
from numbers.regulations.queries import regulation_for


def copy_requirements(order: Order, *, on: date) -> None:
    """Copies the regulation in force to a new order; what was accepted of the project before counts at once."""
    regulation = regulation_for(order.number, holder=order.holder, on=on)
    requirements = list(regulation.requirements.all()) if regulation else []
    types = {kind.pk for each in requirements for kind in each.document_types.all()}
    accepted = accepted_submissions(order.project_id, types, on)
    for each in requirements:
        _copy(order, each, accepted)


def _copy(order: Order, source: Requirement, accepted: list[Submission]) -> None:
    requirement = OrderRequirement.objects.create(
        order=order,
        requirement=source,
        position=source.position,
        title=source.title,
        explanation=source.explanation,
        count=source.count,
        address_scope=source.address_scope,
    )
    types = [kind.pk for kind in source.document_types.all()]
    requirement.document_types.set(types)
    found = proofs(accepted, number=order.number, type_ids=types, scope=source.address_scope, holder=order.holder)
    Submission.objects.bulk_create(
        Submission(
            requirement=requirement,
            document=document,
            verdict=ACCEPTED,
            carried_over=True,
            decided_at=earlier.decided_at,
            decided_by_id=earlier.decided_by_id,
        )
        for document, earlier in found[: source.count]
    )
