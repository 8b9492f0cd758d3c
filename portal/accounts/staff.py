"""The staff teams: Django groups whose rights follow from the apps that exist.

Migrations of one app cannot grant permissions on another, whose permissions are only made after all migrations;
so this runs after each ``migrate`` and adds what is missing. It never takes anything away.
"""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission

PROVISIONING, BILLING, NETWORK = "Provisioning", "Billing", "Network"
# Label of an app → who may look at everything of it in the admin site. What a team may change, it is given
# beside the admin page that offers the change.
VIEWERS = {
    "accounts": (PROVISIONING, BILLING),
    "projects": (PROVISIONING, BILLING),
    "numbers": (PROVISIONING, BILLING),
    "billing": (BILLING,),
}
# What a team may change besides: (label of the app, permission, team).
CHANGERS = (("projects", "suspend_project", BILLING), ("billing", "add_callprice", BILLING))
# Secrets are for nobody's eyes.
HIDDEN = ("authenticatordevice", "recoverycodedevice", "recoverycode", "authtoken", "switchsecret")


def grant(sender: AppConfig, using: str = "default", **_: Any) -> None:
    """Receiver of ``post_migrate``."""
    teams = VIEWERS.get(sender.label)
    if teams is None:
        return
    create_permissions(sender, verbosity=0, using=using)
    wanted = (
        Permission.objects.using(using)
        .filter(content_type__app_label=sender.label, codename__startswith="view_")
        .exclude(content_type__model__in=HIDDEN)
    )
    for name in teams:
        group, _created = Group.objects.using(using).get_or_create(name=name)
        group.permissions.add(*wanted)
    for label, codename, name in CHANGERS:
        if label == sender.label:
            right = Permission.objects.using(using).get(content_type__app_label=label, codename=codename)
            Group.objects.using(using).get(name=name).permissions.add(right)
