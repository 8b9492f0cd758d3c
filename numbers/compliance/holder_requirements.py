"""What a country would ask for a number, for each kind of holder, and what of it the project has; writes nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from numbers.compliance import checklist
from numbers.inventory.models import Number
from numbers.regulations.addresses import address_in_words
from numbers.regulations.models import DocumentType, Holder, Requirement
from numbers.regulations.queries import regulations_for
from projects.models import Project


@dataclass(frozen=True, slots=True)
class Wanted:
    """One line of a regulation."""

    title: str
    explanation: str
    types: list[DocumentType]  # any of these will do
    count: int
    address: str  # where it must be, in words; may be empty
    approved: int  # how many of the count the project has approved already

    @property
    def is_there(self) -> bool:
        return self.approved >= self.count


@dataclass(frozen=True, slots=True)
class Terms:
    holder: str
    label: str
    summary: str
    is_demo: bool
    wanted: list[Wanted]

    @property
    def missing(self) -> int:
        """Documents that would have to be handed in."""
        return sum(each.count - each.approved for each in self.wanted)


def terms(project: Project, number: Number, on: date) -> list[Terms]:
    """For each kind of holder; four queries."""
    regulations = regulations_for(number, on=on)
    rules = [rule for regulation in regulations.values() for rule in regulation.requirements.all()]
    types = {kind.pk for rule in rules for kind in rule.document_types.all()}
    accepted = checklist.accepted_so_far(project.pk, types, on) if types else []
    found = []
    for holder in Holder:
        regulation = regulations.get(holder)
        summary, is_demo = (regulation.summary, regulation.is_demo) if regulation else ("", False)
        asked: Iterable[Requirement] = regulation.requirements.all() if regulation else ()
        wanted = [_wanted(rule, number, accepted, holder) for rule in asked]
        found.append(Terms(holder.value, str(holder.label), summary, is_demo, wanted))
    return found


def _wanted(rule: Requirement, number: Number, accepted: list[checklist.Submission], holder: str) -> Wanted:
    types = list(rule.document_types.all())
    proof = checklist.proof(
        accepted, number=number, type_ids=[kind.pk for kind in types], scope=rule.address_scope, holder=holder
    )
    return Wanted(
        rule.title,
        rule.explanation,
        types,
        rule.count,
        address_in_words(rule.address_scope, number),
        min(len(proof), rule.count),
    )
