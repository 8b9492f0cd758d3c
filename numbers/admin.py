"""Django looks here for admin pages; each room keeps its own."""

from importlib import import_module
from importlib.util import find_spec

for room in ("inventory", "regulations", "documents", "orders", "desk", "leases", "renewals", "routing", "carrier"):
    if find_spec(f"numbers.{room}.admin"):
        import_module(f"numbers.{room}.admin")
