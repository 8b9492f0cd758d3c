"""Switches as staff see them. A secret stands in the one answer that makes it, and nowhere else: not in an address, a
session, a message, the history or a log."""

from datetime import datetime
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator

from numbers.carrier import credentials
from numbers.carrier.forms import AddSwitchForm, RotateForm
from numbers.carrier.models import SwitchCredential
from portal.accounts.readonly_admin import ReadOnlyAdmin
from portal.core.errors import DomainError
from portal.core.forms import add_domain_error, form_status, sent
from portal.core.times import short_time

SECRETS_SHOWN = 20


@admin.register(SwitchCredential)
class SwitchCredentialAdmin(ReadOnlyAdmin):
    change_form_template = "admin/carrier/change_form.html"
    list_display = ["switch_id", "scopes", "networks", "created_at", "last_used", "revoked_at"]
    list_filter = [("revoked_at", admin.EmptyFieldListFilter)]
    search_fields = ["switch_id__startswith"]
    search_help_text = "Beginning of the name"
    fields = ["switch_id", "scopes", "networks", "created_at", "revoked_at"]
    actions = ["revoke"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SwitchCredential]:
        return super().get_queryset(request).annotate(last_used_at=Max("secrets__last_used_at"))

    @admin.display(description="last used", ordering="last_used_at")
    def last_used(self, switch: Any) -> datetime | None:
        used: datetime | None = switch.last_used_at
        return used

    # -- rights ----------------------------------------------------------------------------------------------------

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("numbers.add_switchcredential")

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("numbers.change_switchcredential")

    # -- adding ----------------------------------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self._add(request)

    @method_decorator(reauthentication_required)
    def _add(self, request: HttpRequest) -> HttpResponse:
        form = AddSwitchForm(sent(request))
        if request.method == "POST" and form.is_valid():
            try:
                with transaction.atomic():
                    switch, secret = credentials.create(**form.cleaned_data)
                    self.log_addition(request, switch, f"Added: {_may(switch)}.")
            except ValidationError as error:
                form.add_error(None, error)
            else:
                return self._page(request, "shown", switch=switch, secret=secret, title=f"Secret of {switch}")
        return self._page(request, "add", status=form_status(form), form=form, title="Add switch")

    # -- the secret ------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.secret_view)
        return [path("<int:pk>/secret/", page, name="numbers_switchcredential_secret"), *super().get_urls()]

    def secret_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Rotates the secret, or ends the former ones."""
        if not self.has_revoke_permission(request):
            raise PermissionDenied
        return self._secret(request, get_object_or_404(SwitchCredential, pk=pk))

    @method_decorator(reauthentication_required)
    def _secret(self, request: HttpRequest, switch: SwitchCredential) -> HttpResponse:
        now = timezone.now()
        if request.method == "POST" and request.POST.get("action") == "end":
            return self._end_former(request, switch, now)
        form = RotateForm(sent(request))
        if request.method == "POST" and form.is_valid():
            try:
                secret, until = self._rotate(request, switch, form, now)
            except DomainError as error:
                add_domain_error(form, error)
            else:
                title = f"New secret of {switch}"
                return self._page(
                    request, "shown", switch=switch, secret=secret, until=until, rotated=True, title=title
                )
        switch.refresh_from_db()
        context = {"switch": switch, "form": form, "title": f"Secret of {switch}"} | _secrets(switch, now)
        return self._page(request, "secret", status=form_status(form), **context)

    @transaction.atomic
    def _rotate(
        self, request: HttpRequest, switch: SwitchCredential, form: RotateForm, now: datetime
    ) -> tuple[str, datetime | None]:
        """The new secret, and until when the former one is accepted."""
        secret = credentials.rotate(credential=switch, now=now, **form.cleaned_data)
        grace = form.cleaned_data["accepted_for"]
        until = now + grace if grace else None
        fate = f"is accepted until {short_time(until)}" if until else "is refused"
        self.log_change(request, switch, f"Secret rotated; the former one {fate}.")
        return secret, until

    def _end_former(self, request: HttpRequest, switch: SwitchCredential, now: datetime) -> HttpResponse:
        try:
            with transaction.atomic():
                if credentials.end_former(credential=switch, now=now):
                    self.log_change(request, switch, "Former secrets ended.")
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, "Only the present secret is accepted now.")
        return redirect("admin:numbers_switchcredential_change", switch.pk)

    def _page(self, request: HttpRequest, name: str, *, status: int = 200, **context: Any) -> HttpResponse:
        shown = self.admin_site.each_context(request) | {"opts": self.opts} | context
        return render(request, f"admin/carrier/{name}.html", shown, status=status)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context |= {"may_rotate": self.has_revoke_permission(request)}
        context |= _secrets(context["original"], timezone.now())
        return super().render_change_form(request, context, *args, **kwargs)

    # -- revoking --------------------------------------------------------------------------------------------------

    @admin.action(description="Revoke", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[SwitchCredential]) -> None:
        rows = list(queryset.filter(revoked_at=None))
        for credential in rows:
            credentials.revoke(credential=credential, now=timezone.now())
            self.log_change(request, credential, "Revoked.")
        self.message_user(request, f"{len(rows)} credential(s) revoked, refused from now on.", messages.SUCCESS)


def _may(switch: SwitchCredential) -> str:
    return f"{', '.join(switch.scopes)}; from {', '.join(switch.networks) or 'anywhere'}"


def _secrets(switch: SwitchCredential, now: datetime) -> dict[str, Any]:
    """For the table of them, without digests; the newest come first."""
    secrets = list(switch.secrets.all()[:SECRETS_SHOWN])
    former = [each for each in secrets if each.accepted_until and each.accepted_until > now]
    current = next((each for each in secrets if each.accepted_until is None), None)
    return {"secrets": secrets, "current": current, "former": former, "now": now}
