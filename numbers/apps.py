from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class NumbersConfig(AppConfig):
    name = "numbers"
    label = "numbers"

    def ready(self) -> None:
        """Rooms register their jobs and oracle checks; admin classes live in their rooms too."""
        from numbers import staff_rights  # needs the app registry

        post_migrate.connect(staff_rights.grant, sender=self, dispatch_uid="numbers.staff_rights")
        for module in ("numbers.inventory.jobs", "numbers.orders.jobs", "numbers.leases.oracle",
                       "numbers.carrier.checks"):
            import_module(module)
