from importlib import import_module

from django.apps import AppConfig


class NumbersConfig(AppConfig):
    name = "numbers"
    label = "numbers"

    def ready(self) -> None:
        """Rooms register their jobs and oracle checks; admin classes live in their rooms too."""
        for module in ("numbers.inventory.jobs", "numbers.orders.jobs", "numbers.leases.oracle",
                       "numbers.carrier.checks"):
            import_module(module)
