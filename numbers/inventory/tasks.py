"""Keeps the counts of available numbers fresh."""

from celery import shared_task

from numbers.inventory import stats


@shared_task(name="numbers.count_stock")
def count_stock() -> None:
    """For the search router and the pickers; two at once are harmless."""
    stats.refresh()
