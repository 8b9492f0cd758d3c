"""Tells the page of an app user which numbers ring it."""

from django.urls import reverse

from numbers.leases.models import Lease
from numbers.routing.models import RouteKind
from projects.app_users.models import AppUser
from projects.app_users.rung_by import RungBy, register


def numbers_of(app_user: AppUser, limit: int) -> RungBy:
    """Those that forward calls to it now, by number; an index of the routes' users finds them. Two queries."""
    found = Lease.objects.filter(
        project_id=app_user.project_id,
        status__in=Lease.LIVE,
        call_route__kind=RouteKind.USERS,
        call_route__app_user_ids__contains=[app_user.pk],
    )
    rows = found.order_by("number__e164").values_list("pk", "number__e164")[:limit]
    pid = app_user.project.pid
    return RungBy(found.count(), tuple((e164, reverse("numbers:lease", args=[pid, pk])) for pk, e164 in rows))


register(numbers_of)
