"""What can be done from the page of an order: each with its form, its service, and the words when it is done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import QueryDict

from numbers.compliance import approval
from numbers.compliance.models import Submission
from numbers.desk import queue, review
from numbers.desk.forms import (
    AcceptForm,
    AskForm,
    AssignForm,
    DeedForm,
    HandToForm,
    NoteForm,
    RefuseForm,
    RejectForm,
)
from numbers.desk.order_context import find_submission
from numbers.orders.models import Order
from portal.accounts.models import User
from portal.accounts.telephone import international
from portal.core.errors import NotFound
from projects.actor import Actor


@dataclass(frozen=True, slots=True)
class Doing:
    order: Order
    form: Any  # valid
    me: User
    by: Actor
    now: datetime

    @property
    def given(self) -> dict[str, Any]:
        return {"by": self.by, "now": self.now}

    @property
    def seen(self) -> str:
        return str(self.form.cleaned_data["seen"])

    def submission(self) -> Submission:
        found = find_submission(self.order.pk, self.form.cleaned_data["submission"])
        if found is None:
            raise NotFound("This order has no such document.")
        return found


@dataclass(frozen=True, slots=True)
class Deed:
    form: type[DeedForm]
    act: Callable[[Doing], str]
    anchor: str = "decide"  # where the page is shown again


def accept(doing: Doing) -> str:
    unopened = doing.form.cleaned_data["unopened"]
    submission = review.accept(submission=doing.submission(), seen=doing.seen, unopened=unopened, **doing.given)
    return f"“{submission.document.name}” is accepted."


def refuse(doing: Doing) -> str:
    reason = doing.form.whole_reason()
    submission = review.refuse_document(submission=doing.submission(), reason=reason, seen=doing.seen, **doing.given)
    return f"“{submission.document.name}” is rejected; the customer gets the reason by e-mail."


def ask(doing: Doing) -> str:
    cleaned = doing.form.cleaned_data
    words = {"text": cleaned["text"], "title": cleaned["title"], "document_types": cleaned["document_types"]}
    review.ask_for_more(order=doing.order, seen=doing.seen, **words, **doing.given)
    what = "request" if cleaned["title"] else "question"
    return f"The customer gets your {what} by e-mail."


def approve(doing: Doing) -> str:
    review.approve(order=doing.order, seen=doing.seen, **doing.given)
    return f"Approved. {international(doing.order.number.e164)} is being activated."


def reject(doing: Doing) -> str:
    review.reject(order=doing.order, reason=doing.form.whole_reason(), seen=doing.seen, **doing.given)
    return "Rejected. The number is on sale again, the hold is released, and the customer gets the reason by e-mail."


def note(doing: Doing) -> str:
    review.note(order=doing.order, text=doing.form.cleaned_data["text"], **doing.given)
    return "The note was saved."


def take(doing: Doing) -> str:
    review.assign(order=doing.order, to=doing.me, held_by=doing.form.cleaned_data["held_by"], **doing.given)
    return "This order is assigned to you."


def hand(doing: Doing) -> str:
    cleaned = doing.form.cleaned_data
    to = queue.reviewers().get(pk=cleaned["to"])  # one of the form's choices
    review.assign(order=doing.order, to=to, held_by=cleaned["held_by"], **doing.given)
    return f"Assigned to {to.get_full_name()}."


def put_back(doing: Doing) -> str:
    review.assign(order=doing.order, to=None, held_by=doing.form.cleaned_data["held_by"], **doing.given)
    return "Nobody has this order now."


def again(doing: Doing) -> str:
    approval.retry_activation(order=doing.order, **doing.given)
    return "Activation is being retried."


def take_back(doing: Doing) -> str:
    approval.withdraw_approval(order=doing.order, **doing.given)
    return "The approval was withdrawn; the order is in review again."


DEEDS = {
    "accept": Deed(AcceptForm, accept),
    "refuse": Deed(RefuseForm, refuse),
    "ask": Deed(AskForm, ask, "conversation"),
    "approve": Deed(DeedForm, approve, "content"),
    "reject": Deed(RejectForm, reject, "content"),
    "note": Deed(NoteForm, note, "notes"),
    "take": Deed(AssignForm, take, "content"),
    "assign": Deed(HandToForm, hand, "content"),
    "put-back": Deed(AssignForm, put_back, "content"),
    "try-again": Deed(DeedForm, again, "content"),
    "take-back": Deed(DeedForm, take_back, "content"),
}


def bind(name: str, sent: QueryDict) -> tuple[str, Any]:
    """The form's key on the page (one for each document that can be decided on) and the form itself."""
    key = f"{name}-{sent.get('submission', '')[:19]}" if name in ("accept", "refuse") else name
    options: dict[str, Any] = {}
    if name == "assign":
        options["team"] = [(each.pk, each.get_full_name()) for each in queue.reviewers()]
    return key, DEEDS[name].form(sent, auto_id=f"{key}-%s", **options)
