"""What a country would require for a number, by kind of holder, and what of it the project has; writes nothing."""

from dataclasses import dataclass
from datetime import date

from numbers.compliance import carry_over
from numbers.compliance.models import Submission
from numbers.inventory.models import Number
from numbers.regulations.addresses import address_in_words
from numbers.regulations.models import DocumentType, Holder, Regulation, Requirement
from numbers.regulations.queries import regulations_for
from projects.models import Project


@dataclass(frozen=True, slots=True)
class RequirementPreview:
    """A requirement of the regulation, before there is an order."""

    title: str
    explanation: str
    types: list[DocumentType]  # any of these will do
    count: int
    address: str  # where it must be, in words; may be empty
    accepted: int  # how many of the count the project has already

    @property
    def is_met(self) -> bool:
        return self.accepted >= self.count


@dataclass(frozen=True, slots=True)
class HolderRequirements:
    holder: str
    label: str
    summary: str
    is_demo: bool
    requirements: list[RequirementPreview]

    @property
    def missing(self) -> int:
        """Documents that would have to be submitted."""
        return sum(each.count - each.accepted for each in self.requirements)


def requirements_by_holder(project: Project, number: Number, on: date) -> list[HolderRequirements]:
    """For each kind of holder; four queries."""
    regulations = regulations_for(number, on=on)
    types = {
        kind.pk
        for regulation in regulations.values()
        for each in regulation.requirements.all()
        for kind in each.document_types.all()
    }
    accepted = carry_over.accepted_submissions(project.pk, types, on) if types else []
    return [_of_holder(holder, regulations.get(holder), number, accepted) for holder in Holder]


def _of_holder(
    holder: Holder, regulation: Regulation | None, number: Number, accepted: list[Submission]
) -> HolderRequirements:
    if regulation is None:
        return HolderRequirements(holder.value, str(holder.label), "", False, [])
    previews = [_preview(each, number, accepted, holder) for each in regulation.requirements.all()]
    return HolderRequirements(holder.value, str(holder.label), regulation.summary, regulation.is_demo, previews)


def _preview(
    requirement: Requirement, number: Number, accepted: list[Submission], holder: Holder
) -> RequirementPreview:
    types = list(requirement.document_types.all())
    found = carry_over.proofs(
        accepted,
        number=number,
        type_ids=[kind.pk for kind in types],
        scope=requirement.address_scope,
        holder=holder,
    )
    return RequirementPreview(
        requirement.title,
        requirement.explanation,
        types,
        requirement.count,
        address_in_words(requirement.address_scope, number),
        min(len(found), requirement.count),
    )
