"""Django looks here for admin pages; each room keeps its own."""

from importlib import import_module

for room in ("inventory", "regulations", "leases", "routing", "calls", "compliance", "desk", "carrier"):
    import_module(f"numbers.{room}.admin")
