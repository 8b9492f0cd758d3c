"""The months of `numbers_callrecord`; their functions: numbers/migrations/0018_call_records.py."""

from portal.core.partitions import MonthlyTable

CALLS = MonthlyTable("call_record")
