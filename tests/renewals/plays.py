"""The forecast of leases in hand, grouped and read as the database would; and of a project, as its pages ask for it."""

from datetime import timedelta
from decimal import Decimal
from itertools import groupby

from billing.ledger import queries as ledger
from numbers.leases.billing_dates import charge_date
from numbers.renewals import forecast as forecasting
from numbers.renewals import members
from numbers.renewals.groups import RenewalGroup, project_renewals


def key(due):
    return due.status, charge_date(due.started_on, due.next_period), due.started_on.day


def grouped(dues):
    for (status, day, anchor), alike in groupby(sorted(dues, key=key), key):
        prices = [due.price for due in alike]
        yield RenewalGroup(status, False, day, anchor, len(prices), sum(prices, Decimal(0)))


def reader(dues):
    """Of ``dues``, given in the customer's order."""

    def read(days, lapsed):
        return [list(of_day(day, lapsed))[: members.READ] for day in days]

    def of_day(day, lapsed):
        before = Decimal(0)
        for due in dues:
            if key(due) in day.months and due.price and due.lease_id not in lapsed:
                cost = due.price * day.months[key(due)]
                if before + cost > day.covered:
                    yield members.Member(due.lease_id, key(due), due.price, due.e164, before)
                before += cost

    return read


def forecast(balance, usage, dues, today, **limits):
    return forecasting.forecast(balance, usage, grouped(dues), reader(dues), today, **limits)


def project_forecast(project, now):
    """Four queries, when the credit does not last."""
    used = ledger.used_since(project.pk, now - timedelta(days=forecasting.USAGE_DAYS))
    groups = project_renewals(project.pk).groups
    return forecasting.forecast_of(project, groups, balance=ledger.balance(project.pk), used=used, now=now)
