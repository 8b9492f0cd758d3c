"""The catalogue of numbers that suppliers give us to sell."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Lower
from django.utils import timezone


class NumberType(models.TextChoices):
    DID = "did", "DID"
    TOLLFREE = "tollfree", "Tollfree"

    @classmethod
    def any_of(cls) -> str:
        """``DID or Tollfree``, for sentences."""
        *labels, last = (str(label) for label in cls.labels)
        return f"{', '.join(labels)} or {last}"


class NumberStatus(models.TextChoices):
    AVAILABLE = "available", "Available"
    RESERVED = "held", "Reserved for an order"
    LEASED = "leased", "Leased"
    QUARANTINED = "quarantined", "In quarantine"
    WITHDRAWN = "withdrawn", "Withdrawn by the supplier"


# The search indexes hold what can be bought and nothing else: a sale adds nothing to them.
FOR_SALE = Q(status=NumberStatus.AVAILABLE.value)
# The same in a statement: a literal, or PostgreSQL would not know that a partial index serves it.
FOR_SALE_SQL = f"status = '{NumberStatus.AVAILABLE}'"


class Number(models.Model):
    Type = NumberType
    Status = NumberStatus

    # "C" collation: digits need no language, and ranges and LIKE 'x%' can use the plain index.
    e164 = models.CharField(max_length=16, db_collation="C")
    country = models.CharField(max_length=2, db_collation="C")  # ISO 3166-1 alpha-2; NANP +1 is 25 countries
    region = models.CharField(max_length=80, blank=True, db_collation="C")  # state or province, English; "" if none
    city = models.CharField(max_length=80, blank=True)
    type = models.CharField(max_length=8, choices=Type, db_collation="C")
    sms = models.BooleanField()
    voice = models.BooleanField()
    setup_price = models.DecimalField(max_digits=18, decimal_places=6)
    monthly_price = models.DecimalField(max_digits=18, decimal_places=6)
    docs_required = models.BooleanField(default=False)
    supplier = models.CharField(max_length=40)
    supplier_ref = models.CharField(max_length=64)
    status = models.CharField(max_length=11, choices=Status, default=Status.AVAILABLE, db_collation="C")
    available_from = models.DateTimeField(null=True, blank=True)  # end of quarantine
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            # Not unique=True, which would bring a second index for LIKE; with this collation one serves both.
            models.UniqueConstraint(fields=["e164"], name="one_number_per_e164"),
            models.CheckConstraint(condition=Q(e164__regex=r"^\+[1-9][0-9]{6,14}$"), name="number_e164"),
            models.CheckConstraint(condition=Q(country__regex=r"^[A-Z]{2}$"), name="number_country"),
            models.CheckConstraint(condition=Q(sms=True) | Q(voice=True), name="number_can_something"),
            models.CheckConstraint(condition=Q(setup_price__gte=0, monthly_price__gte=0), name="number_prices"),
            models.CheckConstraint(condition=Q(type__in=NumberType.values), name="number_type"),
            models.CheckConstraint(condition=Q(status__in=NumberStatus.values), name="number_status"),
            models.UniqueConstraint(F("supplier"), F("supplier_ref"), name="number_supplier_ref"),
        ]
        indexes = [  # one per access path of numbers/inventory/query_plan.py
            models.Index(
                fields=["country", "e164"],
                include=["id", "region", "type", "sms", "voice"],
                name="number_by_country",
                condition=FOR_SALE,
            ),
            models.Index(
                fields=["country", "region", "e164"],
                include=["id", "type", "sms", "voice"],
                name="number_by_region",
                condition=FOR_SALE,
            ),
            models.Index(
                fields=["country", "type", "e164"],
                include=["id", "sms", "voice"],
                name="number_by_type",
                condition=FOR_SALE,
            ),
            models.Index(F("country"), Lower("city"), F("e164"), name="number_by_city", condition=FOR_SALE),
            models.Index(F("country"), Func(F("e164"), function="reverse"), name="number_by_end", condition=FOR_SALE),
            models.Index(
                F("available_from"), name="number_quarantine", condition=Q(status=NumberStatus.QUARANTINED.value)
            ),
            GinIndex(Func(F("country"), F("e164"), function="num_grams"), name="number_grams", condition=FOR_SALE),
        ]

    def __str__(self) -> str:
        return self.e164


class FeedImport(models.Model):
    """One run of ``import_numbers``, for staff to look up what it did."""

    at = models.DateTimeField(default=timezone.now)
    file = models.CharField(max_length=200)
    options = models.CharField(max_length=400, blank=True)
    added = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    withdrawn = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    outcome = models.TextField(blank=True)  # in words

    def __str__(self) -> str:
        return f"{self.file} ({self.at:%Y-%m-%d %H:%M} UTC)"


class SupplyChange(models.Model):
    """A number went over to another supplier, or lost its id to another number."""

    feed_import = models.ForeignKey(FeedImport, models.PROTECT, related_name="supply_changes")
    number = models.ForeignKey(Number, models.PROTECT, related_name="supply_changes")
    status = models.CharField(max_length=11, choices=Number.Status)  # of the number at that time
    old_supplier = models.CharField(max_length=40)
    old_ref = models.CharField(max_length=64)
    new_supplier = models.CharField(max_length=40)
    new_ref = models.CharField(max_length=64, blank=True)  # "" until a feed names the number again

    def __str__(self) -> str:
        return f"{self.old_supplier} {self.old_ref} → {self.new_supplier} {self.new_ref}"


class Place(models.Model):
    """The one spelling of a city, or of a region that :mod:`numbers.inventory.subdivisions` does not list."""

    class Kind(models.TextChoices):
        REGION = "region", "Region"
        CITY = "city", "City"

    country = models.CharField(max_length=2, db_collation="C")
    kind = models.CharField(max_length=6, choices=Kind, db_collation="C")
    key = models.CharField(max_length=240, db_collation="C")  # spelling.keys; a place may have several
    name = models.CharField(max_length=80)  # as numbers have it

    class Meta:
        constraints = [
            models.UniqueConstraint(F("country"), F("kind"), F("key"), name="one_place_per_key"),
            models.CheckConstraint(condition=Q(kind__in=["region", "city"]), name="place_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.country}"


class CityStat(models.Model):
    """How many numbers are available per city, for suggestions. Approximate."""

    country = models.CharField(max_length=2, db_collation="C")
    region = models.CharField(max_length=80, blank=True, db_collation="C")
    city = models.CharField(max_length=80)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(F("country"), F("city"), F("region"), name="one_city_stat_row"),
        ]

    def __str__(self) -> str:
        return f"{self.city}, {self.country}: {self.count}"


class NumberStat(models.Model):
    """How many numbers are available per facet: for the search router's estimates and the pickers. Approximate."""

    country = models.CharField(max_length=2, db_collation="C")
    region = models.CharField(max_length=80, blank=True, db_collation="C")
    type = models.CharField(max_length=8, db_collation="C")
    sms = models.BooleanField()
    voice = models.BooleanField()
    count = models.PositiveIntegerField()
    min_setup = models.DecimalField(max_digits=18, decimal_places=6)
    min_monthly = models.DecimalField(max_digits=18, decimal_places=6)
    docs_required = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                F("country"), F("region"), F("type"), F("sms"), F("voice"), F("docs_required"), name="one_stat_row"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.region} {self.type}: {self.count}"
