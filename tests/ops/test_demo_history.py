"""The demo's history is one that could have happened: in order of time, each thing after its cause, nothing to come.
And no page of it shows a time without its zone."""

import base64
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.models import DateTimeField
from django.test import Client
from django.utils import timezone

from billing.ledger.integrity import problems
from billing.ledger.models import Transfer
from numbers.inventory import stats
from numbers.models import Document, Lease, Order
from portal.jobs.models import Job
from portal.jobs.outbox import run_due_jobs
from portal.management import demo_clock
from portal.management.commands.create_demo import PROJECT
from projects.models import AuditEntry, Project
from tests.access.addresses import paths
from tests.support.inventory import make_number
from tests.support.people import make_superuser, sign_in
from tests.support.regulations import make_regulation

pytestmark = pytest.mark.timeout(300)  # each paper is inspected by a process of its own
ROLES = ("customer", "provisioning", "billing")
# When something is to happen, not when it did.
AHEAD = {"expires_at", "suspends_at", "releases_at", "run_at", "purge_after", "expire_date"}
CLOCK = re.compile(r"(?<!:)\b\d{1,2}:\d{2}(?::\d{2})?(?!\d)(?! UTC)|\b\d{1,2}(?::\d{2})? [ap]\.m\.")


@pytest.fixture
def demo(db, tmp_path, settings):
    settings.SANDBOX = True
    wanted = ("GB", "FR", "NL", "ES", "IT", "MX", "ES", "DE", "FR", "AU", "IN")
    for country in sorted(set(wanted)):
        make_regulation(country, lines=[f"{country.lower()}_proof"] if country in ("ES", "DE", "FR", "IN") else [])
    for n, country in enumerate(wanted, start=10):
        make_number(f"+44207946{n:04d}", country=country, region="", city="Anytown", docs_required=True)
    make_number("+12125550142")
    make_number("+18005550142", type="tollfree", region="", city="")
    stats.refresh()
    known = {"switch_secret": "s" * 40}
    for role in ROLES:
        secret = base64.b32encode(b"7" * 20).decode()
        known |= {f"{role}_password": f"{role} correct horse", f"{role}_totp_secret": secret}
    (tmp_path / "secrets.json").write_text(json.dumps(known))
    call_command("create_demo", secrets=tmp_path / "secrets.json", out=tmp_path / "out.json")
    return Project.objects.get(name=PROJECT)


def test_the_demo(demo, mailoutbox):
    """One test, because the demo is not made in a moment."""
    everything_happened_in_order_of_time()
    every_time_says_its_zone(demo, mailoutbox)


def everything_happened_in_order_of_time():
    now = datetime.now(UTC)
    assert problems() == []
    assert Order.objects.count() == 11
    assert {order.status for order in Order.objects.all()} >= {"active", "in_review", "documents_requested"}
    for project in Project.objects.all():
        moved = [row.occurred_at for row in Transfer.objects.filter(debit__project=project).order_by("id")]
        noted = [row.at for row in AuditEntry.objects.filter(project=project).order_by("id")]
        assert len(moved) > 8
        assert moved == sorted(moved)
        assert noted == sorted(noted)
        assert project.created_by.date_joined <= project.created_at <= min(noted) <= min(moved)
    for order in Order.objects.all():
        way = [order.project.created_at, order.created_at, order.submitted_at, order.decided_at, order.closed_at]
        happened = [moment for moment in way if moment]
        assert happened == sorted(happened)
        entries = AuditEntry.objects.filter(data__order=str(order.ref)).order_by("id")
        assert entries[0].at == order.created_at
        assert all(entry.at in happened or entry.at > order.created_at for entry in entries)
    for lease in Lease.objects.select_related("order"):
        assert lease.order is None or lease.started_at >= lease.order.decided_at
        assert lease.next_charge_on >= now.date()
    for document in Document.objects.select_related("only_for"):
        assert document.only_for.created_at <= document.uploaded_at
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, DateTimeField) and field.name not in AHEAD:
                assert not model.objects.filter(**{f"{field.name}__gt": timezone.now()}).exists(), field


def shown(html):
    """What a person reads: texts and titles. A table may say the zone in a heading."""
    html = re.sub(r"<(script|style)\b.*?</\1>", "", html, flags=re.DOTALL)
    html = re.sub(r"<table\b.*?</table>", lambda table: "" if "(UTC)" in table[0] else table[0], html, flags=re.DOTALL)
    titles = " | ".join(re.findall(r'\stitle="([^"]*)"', html))
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("&nbsp;", " ").split()) + " | " + titles


@pytest.mark.parametrize(("text", "found"), [
    ("at 11:10", ["11:10"]), ("11:10 UTC", []), ("at 9:05:01 a.m.", ["9:05:01"]), ("2 p.m.", ["2 p.m."]),
    ("<td>11:10</td><td>UTC</td>", []), ("<table><th>Date (UTC)</th><td>11:10</td></table>", []),
    ('<b title="at 11:10">x</b>', ["11:10"]), ("<table><td>23:59</td></table>", ["23:59"]),
])  # fmt: skip
def test_a_time_without_its_zone_is_found(text, found):
    assert CLOCK.findall(shown(text)) == found


def every_time_says_its_zone(demo, mailoutbox):
    Job.objects.exclude(queue="mail").delete()  # drawing the pages for the desk is no matter of times
    run_due_jobs()
    people = [Client(), Client()]
    sign_in(people[0], demo.created_by)
    sign_in(people[1], make_superuser())
    addresses = set()
    for order in Order.objects.filter(project=demo):
        addresses |= set(paths(pid=demo.pid, ref=order.ref, lease=order.lease.pk if hasattr(order, "lease") else 1))
    for lease in Lease.objects.filter(project=demo):
        addresses |= set(paths(pid=demo.pid, lease=lease.pk))
    for model in apps.get_models():
        for pk in model.objects.order_by("pk").values_list("pk", flat=True)[:3]:
            addresses |= {
                f"/admin/{model._meta.app_label}/{model._meta.model_name}/{pk}/{page}/"
                for page in ("change", "history")
            }
    seen, wrong = 0, []
    for address in sorted(addresses):
        client = people[address.startswith("/admin/")]
        if "logout" in address or "end" in address.split("/"):
            continue
        answer = client.get(address)
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            seen += 1
            wrong += [(address, time) for time in CLOCK.findall(shown(answer.content.decode()))]
    assert seen > 90
    for mail in mailoutbox:
        bodies = [mail.body, *(str(part.content) for part in mail.alternatives)]
        wrong += [(mail.subject, time) for body in bodies for time in CLOCK.findall(shown(body))]
    assert len(mailoutbox) > 5
    assert sorted(set(wrong)) == []


class TestTheClock:
    def test_pieces_run_in_order_of_time_with_their_time(self):
        begin, told = datetime(2026, 11, 1, tzinfo=UTC), []

        def scenario(*hours):
            for hour in hours:
                yield begin + timedelta(hours=hour)
                told.append((hour, timezone.now()))

        demo_clock.play(begin, scenario(1, 4, 5), scenario(2, 3), scenario())
        assert told == [(hour, begin + timedelta(hours=hour)) for hour in (1, 2, 3, 4, 5)]
        assert timezone.now() > begin

    def test_a_step_back_is_refused(self):
        begin = datetime(2026, 11, 1, tzinfo=UTC)
        with pytest.raises(ValueError, match="comes after"):
            demo_clock.play(begin, iter([begin + timedelta(hours=2), begin + timedelta(hours=1)]))
