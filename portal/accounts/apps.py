from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "portal.accounts"
    label = "accounts"

    def ready(self) -> None:
        from portal.accounts import staff

        post_migrate.connect(staff.grant, dispatch_uid="accounts.staff")
        for module in ("portal.accounts.handlers", "portal.accounts.signals"):
            import_module(module)
