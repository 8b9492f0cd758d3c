"""The admin site: only staff, only verified by a second factor, only through the portal's own login."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django_otp.admin import OTPAdminSite

from portal.core.pages import post_only

OURS = {"portal", "projects", "billing", "numbers"}


class PortalAdminSite(OTPAdminSite):
    """``has_permission`` (staff and verified) is django-otp's; its own login form is not offered."""

    site_header = site_title = f"{settings.SITE_NAME} · Staff"
    index_title = "Desk"

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Pages that came with a library are left out: nobody designed what they change, and nobody is notified.

        A model that staff need gets a page in one of our apps, audited and mailed.
        """
        if admin_class is not None and admin_class.__module__.split(".")[0] in OURS:
            super().register(model_or_iterable, admin_class, **options)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Who reviews orders begins with the queue; the lists of everything are a link away (``?lists``)."""
        begins_there = request.user.has_perm("numbers.review_order") and not request.user.is_superuser
        if begins_there and "lists" not in request.GET:
            return redirect("admin:numbers_order_changelist")
        return super().index(request, extra_context)

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or request.get_full_path(), str(settings.LOGIN_URL))

    @method_decorator(post_only("admin:index"))
    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().logout(request, extra_context)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The portal's page: it tells the person by mail and keeps this session."""
        return redirect("account_change_password")
