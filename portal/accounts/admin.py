"""People in the admin site: found fast, read by staff, changed in few ways."""

from typing import Any, cast

from allauth.account.adapter import get_adapter
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from portal.accounts import staff_changes
from portal.accounts.models import User
from portal.accounts.readonly_admin import DeclaredLookups
from portal.core.forms import sent


class RightsForm(forms.ModelForm):
    reason = forms.CharField(
        label="Reason",
        required=False,
        max_length=300,
        strip=True,
        help_text="The person sees it in the e-mail about the change and in their security activity.",
    )


class EmailForm(forms.Form):
    email = forms.EmailField(label="New e-mail address", max_length=254)
    reason = forms.CharField(label="Reason", max_length=300, help_text="Both addresses get an e-mail with it.")


@admin.register(User)
class UserAdmin(DeclaredLookups, admin.ModelAdmin):
    """Search is by the beginning of the e-mail address, which an index serves at any number of people."""

    form = RightsForm
    change_form_template = "admin/accounts/user/change_form.html"
    list_display = ("email", "full_name", "company", "is_active", "is_staff", "date_joined")
    search_fields = ("email__startswith",)
    search_help_text = "Beginning of the e-mail address, in lower case"
    ordering = ("-id",)
    list_per_page = 50
    show_full_result_count = False
    person = (
        "email",
        "full_name",
        "company",
        "phone",
        "is_active",
        "is_staff",
        "is_superuser",
        "groups",
        "terms_version",
        "terms_accepted_at",
        "date_joined",
        "last_login",
    )
    filter_horizontal = ("groups",)
    actions = ("reset_second_factor",)

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        return (*self.person, "reason") if self.has_change_permission(request) else self.person

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """A superuser opens, closes and appoints; nobody edits what belongs to the person."""
        changeable = {"is_active", "is_staff", "is_superuser", "groups"} if request.user.is_superuser else set()
        return tuple(field for field in self.person if field not in changeable)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return bool(request.user.is_superuser)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return super().get_actions(request) if request.user.is_superuser else {}

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.change_email)
        return [path("<int:pk>/email/", page, name="accounts_user_email"), *super().get_urls()]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Last step of a change, in its transaction: the rights are compared with those before it."""
        super().save_related(request, form, formsets, change)
        staff_changes.announce_rights(
            user=form.instance, before=form.rights_before, **_by(request), reason=form.cleaned_data.get("reason", "")
        )

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        form.rights_before = staff_changes.rights_of(obj)
        super().save_model(request, obj, form, change)

    def change_email(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The one way to an address that its owner has lost: with a reason, a trace and mails to both addresses."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        user = get_object_or_404(User, pk=pk)
        form = EmailForm(sent(request))
        if request.method == "POST" and form.is_valid():
            try:
                with transaction.atomic():
                    staff_changes.change_email(user=user, **_by(request), **form.cleaned_data)
                    _log(request, user, "E-mail address changed.")
            except ValidationError as error:
                form.add_error("email", error)
            else:
                messages.success(request, "The address was changed; both addresses were notified.")
                return redirect(reverse("admin:accounts_user_change", args=[pk]))
        context = self.admin_site.each_context(request) | {
            "title": "Change the e-mail address",
            "subtitle": user.email,
            "form": form,
            "original": user,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/accounts/user/change_email.html", context)

    @admin.action(description="Reset second factor (person lost phone and codes)", permissions=["change"])
    def reset_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            with transaction.atomic():
                staff_changes.reset_second_factor(user=user, **_by(request))
                _log(request, user, "Second factor reset.")
        messages.success(request, "Second factor removed; the person sets up a new one at the next sign-in.")


def _by(request: HttpRequest) -> dict[str, Any]:
    return {"by": request.user, "ip": get_adapter().get_client_ip(request)}


def _log(request: HttpRequest, user: User, message: str) -> None:
    LogEntry.objects.log_actions(cast(int, request.user.pk), [user], CHANGE, message, single_object=True)
