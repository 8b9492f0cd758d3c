from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"

    def ready(self) -> None:
        from billing import checks, jobs  # noqa: F401  registers the start-up check and the job's handler
        from projects import audit

        audit.describe("credits.payment_started", "started a payment of credits")
        audit.describe("credits.top_up", "added credits, receipt {subject}")
        audit.describe("credits.reversal", "took back credits: payment {subject} was refunded or disputed")
        audit.describe("credits.reinstate", "gave back the credits of payment {subject}")
