"""People, a project and some history for the demo. Refused unless the installation is a sandbox."""

import base64
import json
from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from numbers.carrier.credentials import digest
from numbers.carrier.models import SwitchCredential, SwitchSecret
from numbers.inventory.models import Number
from numbers.orders import services as orders
from numbers.routing import services as routing
from portal.accounts import second_factor
from portal.accounts.models import User
from portal.core.crypto import decrypt
from portal.jobs.models import Job
from portal.management import demo_app_users, demo_clock, demo_orders
from projects.actor import Actor
from projects.models import AuthToken, Project
from projects.services import create_project

# role: e-mail, full name, company, staff group
PEOPLE = {
    "customer": ("ada@customer.example", "Ada Winter", "Acme Communications", ""),
    "provisioning": ("paula@portal.example", "Paula Provision", "", "Provisioning"),
    "billing": ("bill@portal.example", "Bill Ledger", "", "Billing"),
}
PROJECT, CREDIT = "Acme Voice", Decimal("250.00")
PSTN_TARGET = "+442079460018"  # from the range that Ofcom keeps for drama
SWITCH, SWITCH_SCOPES = "demo-switch", ["routes", "cdrs", "sms"]


class Command(BaseCommand):
    help = "Makes the demo's people, project, credit and numbers, or repairs what was changed. Sandbox only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--secrets", type=Path, required=True, help="JSON with passwords and TOTP secrets")
        parser.add_argument("--out", type=Path, required=True, help="where the result is written, as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SANDBOX:
            raise CommandError("This installation is no sandbox: demo people have published passwords.")
        known = json.loads(options["secrets"].read_text(encoding="utf-8"))
        with transaction.atomic():
            with demo_clock.at(datetime.now(UTC) - timedelta(days=30)):
                result: dict[str, Any] = {role: ensure_person(role, known) for role in PEOPLE}
            project = ensure_project(User.objects.get(email=PEOPLE["customer"][0]))
            result["project"] = {"id": project.pid, "token": primary_token(project)}
            result["switch"] = ensure_switch(known["switch_secret"])
        options["out"].touch(mode=0o600)
        options["out"].write_text(json.dumps(result), encoding="utf-8")


def ensure_person(role: str, known: dict[str, str]) -> dict[str, str]:
    email, name, company, group = PEOPLE[role]
    password, totp_secret = known[f"{role}_password"], known[f"{role}_totp_secret"]
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(
            email,
            password,
            full_name=name,
            company=company,
            is_staff=bool(group),
            terms_version=settings.TERMS_VERSION,
            terms_accepted_at=timezone.now(),
        )
    elif not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])
    EmailAddress.objects.get_or_create(user=user, email=email, defaults={"verified": True, "primary": True})
    second_factor.enrol_directly(user=user, secret=base64.b32decode(totp_secret))
    if group:
        user.groups.add(Group.objects.get(name=group))
    return {"email": email, "password": password, "totp_secret": totp_secret}


def ensure_project(owner: User) -> Project:
    project = Project.objects.filter(created_by=owner, name=PROJECT).first()
    if project is not None:
        return project
    by = Actor("user", owner.email, owner.pk, "127.0.0.1")
    now = datetime.now(UTC)
    begin = now - timedelta(days=21)
    with demo_clock.at(begin):
        project = create_project(name=PROJECT, owner=owner, by=by)
        demo_orders.grant(project, CREDIT, begin)
    bought = buy_some(project, by, now - timedelta(days=18))
    office = demo_app_users.scenario(project, by, now - timedelta(days=19))
    demo_clock.play(begin, bought, office, *demo_orders.scenarios(project, by, now))
    # The workers begin today: nothing has waited for them.
    Job.objects.filter(run_at__lt=now).update(run_at=now, created_at=now)
    return project


def buy_some(project: Project, by: Actor, begin: datetime) -> demo_clock.Scenario:
    """A number whose calls go somewhere, and one that is not configured yet."""
    for_sale = Number.objects.filter(status=Number.Status.AVAILABLE, voice=True).order_by("country", "e164")
    at_once = for_sale.filter(country="US", docs_required=False)
    names = {Number.Type.DID: "Front desk", Number.Type.TOLLFREE: "Support line"}
    for days, (number_type, name) in enumerate(names.items()):
        now = begin + timedelta(days=days)
        yield now
        number = at_once.filter(type=number_type, setup_price__lt=10, monthly_price__lt=20).first()
        if number is None:
            continue
        lease = orders.purchase(
            project=project, e164=number.e164, by=by, purchase_key=f"demo-{number_type}", expected_total=None, now=now
        )
        lease.friendly_name = name
        lease.save(update_fields=["friendly_name"])
        if number_type == Number.Type.DID:
            now += timedelta(minutes=5)
            yield now
            routing.set_pstn(lease=lease, target=PSTN_TARGET, by=by, now=now)


def primary_token(project: Project) -> str:
    """In clear, and without the audit entry of a reveal: nobody looked at it but the demo's own banner."""
    token = project.tokens.get(slot=AuthToken.Slot.PRIMARY, revoked_at__isnull=True)
    return decrypt(token.ciphertext).decode()


def ensure_switch(secret: str) -> dict[str, str]:
    switch, _ = SwitchCredential.objects.update_or_create(
        switch_id=SWITCH, defaults={"scopes": SWITCH_SCOPES, "revoked_at": None}
    )
    SwitchSecret.objects.update_or_create(credential=switch, accepted_until=None, defaults={"digest": digest(secret)})
    return {"id": SWITCH, "secret": secret}
