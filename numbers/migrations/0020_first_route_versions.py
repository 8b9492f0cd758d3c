"""Routes that were set before get the country of their target, and their present setting as a version."""

from typing import Any

import phonenumbers
from django.db import migrations
from django.db.migrations.state import StateApps


def fill(apps: StateApps, editor: Any) -> None:
    routes = apps.get_model("numbers", "CallRoute").objects.select_related("lease").order_by("pk")
    version = apps.get_model("numbers", "RoutingVersion")
    batch = []
    for route in routes.iterator(chunk_size=1000):
        settings = {}
        if route.kind == "pstn":
            country = phonenumbers.region_code_for_number(phonenumbers.parse(route.pstn_target)) or ""
            routes.filter(pk=route.pk).update(pstn_country=country)
        if route.kind:
            settings["kind"] = route.kind
        if route.pstn_target:
            settings["pstn"] = route.pstn_target
        if route.sip_host:
            settings["sip"] = {"host": route.sip_host, "port": route.sip_port, "transport": "udp"}
        batch.append(
            version(
                project_id=route.lease.project_id,
                lease_id=route.pk,
                version=route.version,
                settings=settings | {"ring_seconds": 25, "caller_id": "did"},
                at=route.updated_at,
                made_by="system",
            )
        )
    version.objects.bulk_create(batch, batch_size=1000)


class Migration(migrations.Migration):
    dependencies = [("numbers", "0019_call_routing")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
