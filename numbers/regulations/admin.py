"""What countries ask for, kept by staff. What has counted stays: it is ended or superseded, never deleted."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.forms import BaseModelFormSet, ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html

from numbers.regulations import services
from numbers.regulations.filters import CountryFilter, NumberTypeFilter, StandingFilter
from numbers.regulations.forms import RegulationForm, RequirementForm, SupersedeForm
from numbers.regulations.models import Regulation, Requirement
from portal.accounts import change_message, countries
from portal.accounts.readonly_admin import DeclaredLookups
from portal.core.errors import DomainError
from portal.core.forms import add_domain_error, form_status, sent
from portal.core.times import long_date, short_date

MOST_LINES = 50
DEMO = format_html('<span class="pill pill-quiet">{}</span>', "Demo")


class RequirementInline(admin.StackedInline):
    model = Requirement
    form = RequirementForm
    extra = 0
    verbose_name, verbose_name_plural = "line", "What is asked for (nothing, if there is no line)"
    fields = ("title", "explanation", "document_types", ("count", "address_scope", "position"))
    max_num = MOST_LINES

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Django would make a thousand forms beyond ``max_num`` if a request claims to hold them."""
        return super().get_formset(request, obj, **kwargs | {"absolute_max": MOST_LINES})


@admin.register(Regulation)
class RegulationAdmin(DeclaredLookups, admin.ModelAdmin):
    """Two people who save at once wait for each other, so that the second sees an overlap beside the form."""

    form = RegulationForm
    inlines = (RequirementInline,)
    change_form_template = "admin/regulations/change_form.html"
    list_display = ("where", "type", "holder", "standing", "lines", "demo")
    list_display_links = ("where",)
    list_filter = (StandingFilter, CountryFilter, NumberTypeFilter, "holder", "is_demo")
    search_fields = ("summary",)  # shows the box; the search itself is below
    search_help_text = "A country's name or code, or words of what is asked for"
    ordering = ("country", "number_type", "holder", "-valid_from")
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    fields = (("country", "number_type", "holder"), ("valid_from", "valid_until"), "summary", "is_demo")

    # -- the list ----------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Regulation]:
        lines = Requirement.objects.filter(regulation=OuterRef("pk")).order_by().values("regulation")
        count = Subquery(lines.values_list(Count("pk")))
        return super().get_queryset(request).annotate(line_count=Coalesce(count, 0))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Regulation], search_term: str
    ) -> tuple[QuerySet[Regulation], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        codes = [code for code, name in countries.NAMES.items() if term.casefold() in name.casefold()]
        lines = Requirement.objects.filter(regulation=OuterRef("pk"), title__icontains=term)
        return queryset.filter(
            Q(country__in=[*codes, term.upper()]) | Q(summary__icontains=term) | Exists(lines)
        ), False

    @admin.display(description="country", ordering="country")
    def where(self, rule: Regulation) -> str:
        if not rule.country:
            return rule.place
        flag = static(f"vendor/flags/{rule.country.lower()}.svg")
        return format_html('<img class="desk-flag" src="{}" alt="" width="20" height="15"> {}', flag, rule.place)

    @admin.display(description="number type", ordering="number_type")
    def type(self, rule: Regulation) -> str:
        return rule.get_number_type_display() or "Any type"

    @admin.display(description="validity", ordering="valid_from")
    def standing(self, rule: Regulation) -> str:
        today = timezone.now().date()
        last = short_date(rule.valid_until) if rule.valid_until else ""
        until = f", until {last}" if last else ""
        if rule.is_planned(today):
            look, words = "calm", f"From {short_date(rule.valid_from)}{until}"
        elif rule.has_ended(today):
            look, words = "quiet", f"Ended on {last}"
        else:
            look, words = "good", f"In force{until}"
        return format_html('<span class="pill pill-{}">{}</span>', look, words)

    @admin.display(description="lines", ordering="line_count")
    def lines(self, rule: Any) -> int:
        return int(rule.line_count)

    @admin.display(description="data", ordering="is_demo", empty_value="")
    def demo(self, rule: Regulation) -> str:
        return DEMO if rule.is_demo else ""

    # -- rights ------------------------------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: Regulation | None = None) -> bool:
        may = super().has_change_permission(request, obj)
        return may and (obj is None or not obj.has_ended(timezone.now().date()))

    def has_delete_permission(self, request: HttpRequest, obj: Regulation | None = None) -> bool:
        may = super().has_delete_permission(request, obj)
        return may and (obj is None or obj.is_planned(timezone.now().date()))

    # -- saving ------------------------------------------------------------------------------------------------

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        with transaction.atomic():
            if request.method == "POST":
                services.keep_still()
            return super().changeform_view(request, object_id, form_url, extra_context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        rule: Regulation | None = kwargs.get("obj")
        if rule is not None and rule.pk:
            today = timezone.now().date()
            may = self.has_change_permission(request, rule) and self.has_add_permission(request)
            context |= {
                "in_force": rule.is_in_force(today),
                "has_ended": rule.has_ended(today),
                "may_supersede": may and rule.is_in_force(today),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def construct_change_message(  # type: ignore[override]
        self, request: HttpRequest, form: ModelForm, formsets: list[BaseModelFormSet], add: bool = False
    ) -> Any:
        """The history tells what a regulation was and what it became, not only which fields were touched."""
        if add:
            return super().construct_change_message(request, form, formsets, add)  # type: ignore[arg-type]
        in_force = form.instance.is_in_force(timezone.now().date())
        return ("Changed while in force. " if in_force else "") + change_message.describe(form, formsets)

    # -- superseding -------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        return [
            path(
                "<int:pk>/supersede/",
                self.admin_site.admin_view(self.supersede_view),
                name="numbers_regulation_supersede",
            ),
            *super().get_urls(),
        ]

    def supersede_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        rule = self.get_object(request, str(pk))
        if rule is None:
            raise Http404
        if not (self.has_change_permission(request, rule) and self.has_add_permission(request)):
            raise PermissionDenied
        form = SupersedeForm(sent(request))
        if request.method == "POST" and form.is_valid():
            try:
                new = self.supersede(request, rule, form)
            except DomainError as error:
                add_domain_error(form, error)
            else:
                messages.success(request, "A copy was made. Change in it what will be different.")
                return redirect("admin:numbers_regulation_change", new.pk)
        context = self.admin_site.each_context(request) | {
            "title": "Supersede from a date",
            "form": form,
            "rule": rule,
            "opts": self.opts,
            "media": self.media + form.media,
        }
        return render(request, "admin/regulations/supersede.html", context, status=form_status(form))

    def supersede(self, request: HttpRequest, rule: Regulation, form: SupersedeForm) -> Regulation:
        day = form.cleaned_data["valid_from"]
        with transaction.atomic():
            new = services.supersede(regulation=rule, valid_from=day)
            self.log_change(request, rule, f"Superseded from {long_date(day)}.")
            self.log_addition(request, new, f"Copied from the one that began on {long_date(rule.valid_from)}.")
        return new
