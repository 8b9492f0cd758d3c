from importlib import import_module

from django.apps import AppConfig


class NumbersConfig(AppConfig):
    name = "numbers"
    label = "numbers"

    def ready(self) -> None:
        """Rooms register their jobs and oracle checks; admin classes live in their rooms too."""
        for module in ("numbers.orders.jobs", "numbers.leases.oracle"):
            import_module(module)
