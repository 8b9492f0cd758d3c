"""``{% load activity %}``: an entry of the audit trail in words, for the pages of the rooms."""

from django import template

from portal.shell import activity
from projects.models import AuditEntry

register = template.Library()


@register.filter
def as_activity(entry: AuditEntry) -> activity.Line:
    """``at``, ``who``, ``words``, ``icon``."""
    return activity.line(entry)
