from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate

# Rooms register their events, handlers, tasks, integrity and start-up checks here; one line each.
REGISTERED = [
    "numbers.calls.checks",
    "numbers.calls.tasks",
    "numbers.carrier.checks",
    "numbers.compliance.handlers",
    "numbers.compliance.tasks",
    "numbers.desk.events",
    "numbers.desk.handlers",
    "numbers.documents.events",
    "numbers.documents.handlers",
    "numbers.inventory.checks",
    "numbers.inventory.tasks",
    "numbers.leases.checks",
    "numbers.leases.events",
    "numbers.leases.handlers",
    "numbers.leases.tasks",
    "numbers.leases.webhook_events",
    "numbers.messaging.checks",
    "numbers.messaging.default_section",
    "numbers.messaging.events",
    "numbers.messaging.handlers",
    "numbers.messaging.statuses",
    "numbers.messaging.tasks",
    "numbers.orders.events",
    "numbers.orders.handlers",
    "numbers.orders.integrity",
    "numbers.orders.tasks",
    "numbers.orders.webhook_events",
    "numbers.renewals.checks",
    "numbers.renewals.events",
    "numbers.renewals.handlers",
    "numbers.renewals.tasks",
    "numbers.renewals.webhook_events",
    "numbers.routing.events",
    "numbers.routing.handlers",
    "numbers.routing.rung_by",
    "numbers.routing.tasks",
    "numbers.routing.webhook_events",
    "numbers.routing_files.handlers",
    "numbers.routing_files.tasks",
]


class NumbersConfig(AppConfig):
    name = "numbers"
    label = "numbers"

    def ready(self) -> None:
        from numbers import staff_rights  # needs the app registry

        post_migrate.connect(staff_rights.grant, sender=self, dispatch_uid="numbers.staff_rights")
        for module in REGISTERED:
            import_module(module)
