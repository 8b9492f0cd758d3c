"""Filters of the regulations' list."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from numbers.inventory.models import NumberType
from numbers.regulations.models import Regulation
from portal.accounts import countries

ANY = "any"


class _Filter(admin.SimpleListFilter):
    def chosen(self) -> str:
        """The value in the address, "" if it is none of the choices."""
        value = self.value() or ""
        return value if value in {key for key, _ in self.lookup_choices} else ""


class CountryFilter(_Filter):
    title, parameter_name = "country", "country"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        codes = Regulation.objects.exclude(country="").order_by("country").values_list("country", flat=True).distinct()
        named = sorted(((code, countries.name(code)) for code in codes), key=lambda each: each[1])
        return [(ANY, "Any country"), *named]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Regulation]) -> QuerySet[Regulation]:
        chosen = self.chosen()
        return queryset.filter(country="" if chosen == ANY else chosen) if chosen else queryset


class NumberTypeFilter(_Filter):
    title, parameter_name = "number type", "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(ANY, "Any type"), *NumberType.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Regulation]) -> QuerySet[Regulation]:
        chosen = self.chosen()
        return queryset.filter(number_type="" if chosen == ANY else chosen) if chosen else queryset


class StandingFilter(_Filter):
    title, parameter_name = "validity", "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("in_force", "In force"), ("planned", "From a later day"), ("ended", "Ended")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Regulation]) -> QuerySet[Regulation]:
        today = timezone.now().date()
        ended = Q(valid_until__isnull=False, valid_until__lte=today)
        match self.chosen():
            case "in_force":
                return queryset.filter(~ended, valid_from__lte=today)
            case "planned":
                return queryset.filter(valid_from__gt=today)
            case "ended":
                return queryset.filter(ended)
        return queryset
