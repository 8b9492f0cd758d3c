"""The months of `numbers_message`; their functions: numbers/migrations/0027_messages.py."""

from portal.core.partitions import MonthlyTable

MESSAGES = MonthlyTable("message")
