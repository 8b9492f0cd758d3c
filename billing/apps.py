from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"

    def ready(self) -> None:
        from billing import checks, events, handlers  # noqa: F401  register the start-up check, events and handlers
