"""What can be done from the page of an order: each action with its form, its service and its message."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import QueryDict

from numbers.compliance import approval
from numbers.compliance.models import Submission
from numbers.desk import queue
from numbers.desk.forms import (
    AcceptForm,
    ActionForm,
    AskForm,
    AssignForm,
    AssignmentForm,
    NoteForm,
    RejectDocumentForm,
    RejectForm,
)
from numbers.desk.order_context import find_submission
from numbers.desk.review import assignment, decision, messages, verdicts
from numbers.orders.models import Order
from portal.accounts.models import User
from portal.accounts.telephone import international
from portal.core.errors import NotFound
from projects.actor import Actor


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """A valid form of the page of an order, and who sent it."""

    order: Order
    form: Any
    user: User
    by: Actor
    now: datetime

    @property
    def cleaned(self) -> dict[str, Any]:
        return dict(self.form.cleaned_data)

    @property
    def actor(self) -> dict[str, Any]:
        return {"by": self.by, "now": self.now}

    @property
    def decided(self) -> dict[str, Any]:
        """For a decision, which rests on the version that the page showed."""
        return self.actor | {"seen": str(self.cleaned["seen"])}

    def submission(self) -> Submission:
        found = find_submission(self.order.pk, self.cleaned["submission"])
        if found is None:
            raise NotFound("This order has no such document.")
        return found


@dataclass(frozen=True, slots=True)
class Action:
    form: type[ActionForm]
    run: Callable[[ActionRequest], str]  # returns the message
    anchor: str = "content"  # where the page is shown again
    of_document: bool = False


def accept(request: ActionRequest) -> str:
    unopened = request.cleaned["unopened"]
    submission = verdicts.accept(submission=request.submission(), unopened=unopened, **request.decided)
    return f"“{submission.document.name}” is accepted."


def reject_document(request: ActionRequest) -> str:
    reason = request.form.whole_reason()
    submission = verdicts.reject(submission=request.submission(), reason=reason, **request.decided)
    return f"“{submission.document.name}” is rejected; the customer gets the reason by e-mail."


def ask(request: ActionRequest) -> str:
    fields = {name: request.cleaned[name] for name in ("text", "title", "document_types")}
    messages.ask_customer(order=request.order, **fields, **request.decided)
    kind = "request" if fields["title"] else "question"
    return f"The customer gets your {kind} by e-mail."


def approve(request: ActionRequest) -> str:
    decision.approve(order=request.order, **request.decided)
    return f"Approved. {international(request.order.number.e164)} is being activated."


def reject(request: ActionRequest) -> str:
    decision.reject(order=request.order, reason=request.form.whole_reason(), **request.decided)
    return "Rejected. The number is on sale again, the hold is released, and the customer gets the reason by e-mail."


def note(request: ActionRequest) -> str:
    messages.add_note(order=request.order, text=request.cleaned["text"], **request.actor)
    return "The note was saved."


def take(request: ActionRequest) -> str:
    _assign(request, request.user)
    return "This order is assigned to you."


def assign(request: ActionRequest) -> str:
    colleague = queue.reviewers().get(pk=request.cleaned["to"])  # one of the form's choices
    _assign(request, colleague)
    return f"Assigned to {colleague.get_full_name()}."


def unassign(request: ActionRequest) -> str:
    _assign(request, None)
    return "Nobody has this order now."


def _assign(request: ActionRequest, to: User | None) -> None:
    assignment.assign(order=request.order, to=to, expected_assignee=request.cleaned["assignee"], **request.actor)


def retry_activation(request: ActionRequest) -> str:
    approval.retry_activation(order=request.order, **request.actor)
    return "Activation is being retried."


def withdraw_approval(request: ActionRequest) -> str:
    approval.withdraw_approval(order=request.order, **request.actor)
    return "The approval was withdrawn; the order is in review again."


# By the last part of their address: /admin/numbers/order/<id>/approve/
ACTIONS = {
    "accept": Action(AcceptForm, accept, "decide", of_document=True),
    "reject-document": Action(RejectDocumentForm, reject_document, "decide", of_document=True),
    "ask": Action(AskForm, ask, "conversation"),
    "approve": Action(ActionForm, approve),
    "reject": Action(RejectForm, reject),
    "note": Action(NoteForm, note, "notes"),
    "take": Action(AssignmentForm, take),
    "assign": Action(AssignForm, assign),
    "unassign": Action(AssignmentForm, unassign),
    "retry-activation": Action(ActionForm, retry_activation),
    "withdraw-approval": Action(ActionForm, withdraw_approval),
}


def url_name(action: str) -> str:
    """``desk_retry_activation`` for ``retry-activation``; in the templates with ``admin:`` before it."""
    return f"desk_{action.replace('-', '_')}"


def bind(name: str, posted: QueryDict) -> tuple[str, Any]:
    """The form's key on the page (one for each document that can be decided on) and the form itself."""
    key = f"{name}-{posted.get('submission', '')[:19]}" if ACTIONS[name].of_document else name
    options: dict[str, Any] = {}
    if name == "assign":
        options["team"] = [(each.pk, each.get_full_name()) for each in queue.reviewers()]
    return key, ACTIONS[name].form(posted, auto_id=f"{key}-%s", **options)
