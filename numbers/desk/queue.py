"""The queue of orders: which ones, in which order, and what stands in a row. The same few queries for any number."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from numbers.compliance import approval, checklist
from numbers.desk import presenters
from numbers.inventory import number_filter
from numbers.orders.models import Order, OrderMessage
from portal.accounts.models import User
from portal.jobs.models import Job
from projects.models import Membership, Project, Role

PER_PAGE = 50
PROJECTS_SEARCHED = 200
# A question is open until the customer has done something: answered, or submitted documents again.
OPEN_QUESTION = Q(last_message=OrderMessage.Kind.QUESTION, last_message_at__gte=F("submitted_at"))
IN_REVIEW = Q(status=Order.Status.IN_REVIEW)
TABS = {
    "review": "To review",
    "waiting": "Waiting for customer",
    "approved": "Being activated",
    "failed": "Activation failed",
    "closed": "Closed",
    "all": "All orders",
}


@dataclass(frozen=True)
class Row:
    order: Order
    owner: User | None
    next_step: str
    deadline: presenters.ReviewDeadline | None  # while it waits for our review
    open_question: bool
    failed: bool


def with_questions(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Adds ``last_message`` (question, answer, or empty: null would be neither open nor not open) and its time."""
    messages = OrderMessage.objects.filter(
        order=OuterRef("pk"), kind__in=(OrderMessage.Kind.QUESTION, OrderMessage.Kind.ANSWER)
    ).order_by("-id")
    return orders.annotate(
        last_message=Coalesce(Subquery(messages.values("kind")[:1]), Value("")),
        last_message_at=Subquery(messages.values("created_at")[:1]),
    )


def has_open_question(order: Order) -> bool:
    """For an order that came from :func:`with_questions`."""
    last_message, at = getattr(order, "last_message", None), getattr(order, "last_message_at", None)
    return bool(
        order.status == Order.Status.IN_REVIEW
        and last_message == OrderMessage.Kind.QUESTION
        and order.submitted_at
        and at
        and at >= order.submitted_at
    )


def failed_activations() -> set[int]:
    """Ids of orders whose activation is out of attempts."""
    failed = Job.objects.filter(kind=approval.KIND, state=Job.State.FAILED)
    return {order for order in failed.values_list("payload__order", flat=True) if isinstance(order, int)}


def tab_conditions(failed: set[int]) -> dict[str, Q]:
    return {
        "review": IN_REVIEW & ~OPEN_QUESTION,
        "waiting": Q(status__in=Order.INCOMPLETE) | (IN_REVIEW & OPEN_QUESTION),
        "approved": Q(status=Order.Status.APPROVED) & ~Q(pk__in=failed),
        "failed": Q(status=Order.Status.APPROVED, pk__in=failed),
        "closed": ~Q(status__in=Order.OPEN),
        "all": Q(),
    }


# Oldest first; what has ended, newest first.
ORDERING = {
    "review": ("submitted_at", "id"), "waiting": ("id",), "approved": ("decided_at", "id"),
    "failed": ("decided_at", "id"), "closed": ("-id",), "all": ("-id",),
}  # fmt: skip


def counts(failed: set[int]) -> dict[str, int]:
    """How many orders each tab of open ones holds; one query."""
    # No order has the id 0; of an empty set Django makes a condition that empties the whole question.
    conditions = tab_conditions(failed or {0})
    tabs = ("review", "waiting", "approved", "failed")
    found: dict[str, int] = with_questions(Order.objects.filter(status__in=Order.OPEN)).aggregate(
        **{tab: Count("pk", filter=conditions[tab]) for tab in tabs}
    )
    return found


def search(text: str) -> Q:
    """By a number or its beginning, a Project ID, a member's e-mail address or a project's name."""
    if text.startswith("pid_"):
        return Q(project__pid=text)
    if "@" in text:
        members = Membership.objects.filter(user__email__startswith=text.lower())
        return Q(project_id__in=list(members.values_list("project_id", flat=True)[:PROJECTS_SEARCHED]))
    by_number = number_filter.prefix_filter(text, "number__e164")
    if by_number is not None:
        return by_number
    projects = Project.objects.filter(name__istartswith=text).order_by()
    return Q(project_id__in=list(projects.values_list("pk", flat=True)[:PROJECTS_SEARCHED]))


def find(filters: dict[str, Any], *, me: User, failed: set[int]) -> QuerySet[Order]:
    """``filters`` are the cleaned values of :class:`numbers.desk.forms.QueueForm`."""
    tab = filters["tab"]
    orders = with_questions(Order.objects.all()).filter(tab_conditions(failed)[tab])
    if filters["q"]:
        orders = orders.filter(search(filters["q"]))
    if filters["country"]:
        orders = orders.filter(number__country=filters["country"])
    if filters["type"]:
        orders = orders.filter(number__type=filters["type"])
    if filters["who"] == "nobody":
        orders = orders.filter(assigned_to=None)
    elif filters["who"]:
        orders = orders.filter(assigned_to=me if filters["who"] == "me" else int(filters["who"]))
    return orders.order_by(*ORDERING[tab])


def rows(orders: QuerySet[Order], *, now: datetime, failed: set[int]) -> list[Row]:
    owners = Membership.objects.filter(role=Role.OWNER).select_related("user")
    found = orders.select_related("number", "project", "assigned_to").prefetch_related(
        *checklist.WITH_CHECKLIST, Prefetch("project__memberships", queryset=owners, to_attr="owners")
    )
    return [_row(order, now, order.pk in failed) for order in found]


def _row(order: Order, now: datetime, failed: bool) -> Row:
    failed = failed and order.status == Order.Status.APPROVED
    question = has_open_question(order)
    items = checklist.items(order, now.date())
    owners = getattr(order.project, "owners", [])
    return Row(
        order=order,
        owner=owners[0].user if owners else None,
        next_step=presenters.next_step(order, items, open_question=question, activation_failed=failed),
        deadline=None if question else presenters.review_deadline(order, now),
        open_question=question,
        failed=failed,
    )


def countries() -> list[str]:
    """Where there are orders that are not closed."""
    open_orders = Order.objects.filter(status__in=Order.OPEN).order_by()
    return sorted(open_orders.values_list("number__country", flat=True).distinct())


def reviewers() -> QuerySet[User]:
    """Who may decide: staff with the right, of their own, by a team, or because they may do everything."""
    right = {"codename": "review_order", "content_type__app_label": "numbers"}
    granted = Q(is_superuser=True)
    for way in ("groups__permissions", "user_permissions"):
        granted |= Q(**{f"{way}__{name}": value for name, value in right.items()})
    ids = User.objects.filter(granted).values("pk")
    return User.objects.filter(pk__in=ids, is_active=True, is_staff=True).order_by("full_name", "email")


def next_for(me: User, *, beside: Order) -> Order | None:
    """The oldest order to review that is ``me``'s or nobody's."""
    orders = find({"tab": "review", "q": "", "country": "", "type": "", "who": ""}, me=me, failed=set())
    mine_or_free = Q(assigned_to=me) | Q(assigned_to=None)
    return orders.filter(mine_or_free).exclude(pk=beside.pk).select_related("number").first()


def in_order(ids: Iterable[int]) -> list[Order]:
    """Rows to be locked one after the other, always in the same order."""
    return list(Order.objects.filter(pk__in=set(ids)).order_by("id"))
