"""The provisioning desk: the admin site's page of orders. Who may see orders looks, who may review them decides."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path

from numbers.desk import views
from numbers.desk.actions import ACTIONS, url_name
from numbers.desk.forms import ticked
from numbers.orders.models import Order
from portal.accounts.readonly_admin import ReadOnlyAdmin


@admin.register(Order)
class OrderDesk(ReadOnlyAdmin):
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return views.queue(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_view_permission(request) or request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        for order_id in ticked([object_id]):
            return views.show(request, order_id)
        raise Http404

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        one = "<int:order_id>/documents/<int:submission>/"
        return [
            path("take/", guard(views.take), name="desk_take_selected"),
            path("<int:order_id>/here/", guard(views.heartbeat), name="desk_beat"),
            *(
                path(f"<int:order_id>/{action}/", guard(views.act), {"action": action}, name=url_name(action))
                for action in ACTIONS
            ),
            path(one, guard(views.viewer), name="desk_viewer"),
            path(one + "page/<int:number>.png", guard(views.picture), name="desk_picture"),
            path(one + "download/", guard(views.download), name="desk_download"),
            *super().get_urls()[:-1],  # without the redirect that takes whatever is no address for an order's id
        ]
