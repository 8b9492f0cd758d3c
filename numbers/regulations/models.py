"""What a country requires before a number may be activated. Data kept by staff with dates, never code."""

from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, Q

from numbers.inventory.models import NumberType
from portal.accounts import countries

MOST_DOCUMENTS = 5  # per line


class Holder(models.TextChoices):
    """Who will use the number."""

    BUSINESS = "business", "A business"
    INDIVIDUAL = "individual", "An individual"


class AddressScope(models.TextChoices):
    """Where the address on a document must be, compared with the number's place."""

    NONE = "none", "No address needed"
    ANY = "any", "Anywhere in the world"
    COUNTRY = "country", "In the number's country"
    AREA = "area", "In the number's state or region"
    CITY = "city", "In the number's city"


class DocumentType(models.Model):
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    hint = models.CharField("what counts as one", max_length=200, blank=True)
    has_expiry = models.BooleanField("expires", default=False, help_text="Its expiry date is asked for.")
    is_active = models.BooleanField(default=True, help_text="Offered when a document is uploaded.")
    is_demo = models.BooleanField("demo data", default=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Regulation(models.Model):
    """One country × number type × holder, from a day until another. An empty country or type means any; of those in
    force the most specific one counts. One without requirements says that nothing is needed."""

    country = models.CharField(max_length=2, blank=True, db_collation="C", help_text="ISO 3166-1; empty for any")
    number_type = models.CharField(max_length=8, blank=True, choices=NumberType, db_collation="C")
    holder = models.CharField(max_length=10, choices=Holder)
    summary = models.CharField("in words, for the customer", max_length=300, blank=True)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True, help_text="The first day on which it no longer holds.")
    is_demo = models.BooleanField("demo data", default=False, help_text="Made up for trying out; not legal advice.")

    class Meta:
        ordering = ["country", "number_type", "holder", "-valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(country="") | Q(country__regex=r"^[A-Z]{2}$"), name="regulation_country"
            ),
            models.CheckConstraint(condition=~Q(country="") | Q(number_type=""), name="regulation_any_place_any_type"),
            models.CheckConstraint(
                condition=Q(number_type__in=["", *NumberType.values]), name="regulation_number_type"
            ),
            models.CheckConstraint(condition=Q(holder__in=Holder.values), name="regulation_holder"),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="regulation_ends_after_it_begins",
            ),
            ExclusionConstraint(
                name="one_regulation_at_a_time",
                violation_error_message="Another regulation for this country, type and holder holds in these days.",
                expressions=[
                    (F("country"), RangeOperators.EQUAL),
                    (F("number_type"), RangeOperators.EQUAL),
                    (F("holder"), RangeOperators.EQUAL),
                    (
                        Func(
                            "valid_from",
                            "valid_until",
                            RangeBoundary(),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place}, {self.get_number_type_display() or 'any type'}, {self.holder} from {self.valid_from}"

    @property
    def place(self) -> str:
        return countries.name(self.country) if self.country else "Any country"

    def is_planned(self, on: date) -> bool:
        return self.valid_from > on

    def has_ended(self, on: date) -> bool:
        return self.valid_until is not None and self.valid_until <= on

    def is_in_force(self, on: date) -> bool:
        return not self.is_planned(on) and not self.has_ended(on)

    def clean(self) -> None:
        """What the database refuses too, in words and beside the field."""
        wrong = {}
        if self.country and self.country not in countries.NAMES:
            wrong["country"] = f"There is no country “{self.country}”; write an ISO 3166-1 code, or nothing for any."
        if not self.country and self.number_type:
            wrong["number_type"] = "A rule for any country holds for any number type."
        if self.valid_until and self.valid_from and self.valid_until <= self.valid_from:
            wrong["valid_until"] = "This day must come after the first one."
        if wrong:
            raise ValidationError(wrong)


class Requirement(models.Model):
    """One line of a regulation: so many documents of one of these types."""

    regulation = models.ForeignKey(Regulation, on_delete=models.CASCADE, related_name="requirements")
    position = models.PositiveSmallIntegerField(default=1)
    title = models.CharField(max_length=80, help_text="For example: Proof of address")
    explanation = models.CharField(max_length=300, blank=True)
    document_types = models.ManyToManyField(DocumentType, related_name="+")
    count = models.PositiveSmallIntegerField("documents needed", default=1)
    address_scope = models.CharField(max_length=7, choices=AddressScope, default=AddressScope.NONE)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(count__gte=1, count__lte=5), name="requirement_count"),
            models.CheckConstraint(
                condition=Q(address_scope__in=AddressScope.values),
                name="requirement_address_scope",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        if self.count is not None and not 1 <= self.count <= MOST_DOCUMENTS:
            raise ValidationError({"count": f"From 1 to {MOST_DOCUMENTS} documents can be asked for."})
