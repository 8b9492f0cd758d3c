"""What a minute of a call costs, by the country that is called."""

from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, QuerySet
from django.db.models.lookups import IsNull
from django.utils import timezone


class ValidityRange(Func):
    function = "tstzrange"
    output_field = DateTimeRangeField()


class CallPrice(models.Model):
    """The default price of calls to one country, from–to. What was valid once stays: calls of then are explained by it.

    Amounts are in the installation's currency. A call costs the connection fee and whole intervals of seconds: the
    first one, then as many further ones as were begun.
    """

    INTERNATIONAL = "001"  # numbers of no country, e.g. satellite phones

    country = models.CharField("country", max_length=3, db_collation="C")  # ISO 3166-1 alpha-2, or INTERNATIONAL
    price_per_minute = models.DecimalField(max_digits=18, decimal_places=6)
    connection_fee = models.DecimalField(max_digits=18, decimal_places=6, default=0)
    first_interval = models.PositiveSmallIntegerField(default=60, help_text="Seconds that are charged at least.")
    next_interval = models.PositiveSmallIntegerField(default=60, help_text="Seconds, charged when begun.")
    valid_from = models.DateTimeField(default=timezone.now, editable=False)
    valid_to = models.DateTimeField(null=True, blank=True, editable=False)  # exclusive; null = until changed
    added_by = models.CharField(max_length=254, blank=True, editable=False)

    class Meta:
        ordering = ["country", "-valid_from"]
        constraints = [
            ExclusionConstraint(
                name="one_call_price_at_a_time",
                expressions=[
                    ("country", RangeOperators.EQUAL),
                    (ValidityRange(F("valid_from"), F("valid_to")), RangeOperators.OVERLAPS),
                ],
            ),
            # The look-up of a route asks by it.
            models.UniqueConstraint(F("country"), name="one_current_call_price", condition=Q(valid_to__isnull=True)),
            models.CheckConstraint(condition=Q(country__regex=r"^([A-Z]{2}|001)$"), name="call_price_country"),
            models.CheckConstraint(
                condition=Q(price_per_minute__gte=0, connection_fee__gte=0), name="call_price_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(first_interval__gte=1, next_interval__gte=1), name="call_price_intervals"
            ),
            models.CheckConstraint(
                condition=IsNull(F("valid_to"), True) | Q(valid_to__gt=F("valid_from")), name="call_price_validity"
            ),
        ]

    def __str__(self) -> str:
        return f"Calls to {self.country}"

    @classmethod
    def valid_at(cls, at: datetime) -> QuerySet["CallPrice"]:
        return cls.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=at), valid_from__lte=at)
