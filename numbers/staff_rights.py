"""What the staff teams may change in this app; what they may look at is in :mod:`portal.accounts.staff`.

A line stands for an admin page that offers the change. Runs after each ``migrate``, adds what is missing and takes
nothing away.
"""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission

from portal.accounts.staff import BILLING, NETWORK, PROVISIONING

# (permission of this app, team)
GRANTS = (
    # What countries require. Deleting is further limited by numbers.regulations.admin: nothing that counted or is used.
    *(
        (f"{operation}_{model}", PROVISIONING)
        for model in ("documenttype", "regulation", "requirement")
        for operation in ("add", "change", "delete")
    ),
    # Where calls may not be sent.
    *((f"{operation}_barredrange", PROVISIONING) for operation in ("add", "change", "delete")),
    # Call records that cannot be true: resolved with a note.
    ("change_parkedcallrecord", PROVISIONING),
    ("change_parkedcallrecord", BILLING),
    ("review_order", PROVISIONING),  # the desk: numbers.desk.admin
    # Switches. Whoever has a secret learns where every call goes and how app users register: a team of its own.
    *((f"{operation}_switchcredential", NETWORK) for operation in ("view", "add", "change")),
    ("view_parkedcallrecord", NETWORK),  # what a switch reported that cannot be true
)


def grant(sender: AppConfig, using: str = "default", **_: Any) -> None:
    """Receiver of ``post_migrate``."""
    create_permissions(sender, verbosity=0, using=using)
    for codename, team in GRANTS:
        group, _created = Group.objects.using(using).get_or_create(name=team)
        group.permissions.add(
            Permission.objects.using(using).get(content_type__app_label=sender.label, codename=codename)
        )
