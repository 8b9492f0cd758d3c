"""Every page from 320 pixels up, in steps of 20: nothing scrolls sideways, nothing is cut off, all can be reached.

The pages are found, not listed: every address of the URL configuration that answers with a page is walked.
"""

import re

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from portal.jobs.outbox import run_due_jobs
from tests.access.addresses import paths
from tests.accounts import steps
from tests.journeys.widths import demanding
from tests.journeys.widths.measuring import WIDTHS, faults, framed, report, unreachable
from tests.support.people import PASSWORD, browser_of, make_user, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# Who walks where; an address is walked in the group with its longest beginning. They are many so that the workers of
# a run share them. P stands for the address of a project.
GROUPS = {
    "public": ("nobody", ["/"]),
    "entrance": ("nobody", ["/accounts/"]),
    "halfway": ("halfway", ["/accounts/2fa/"]),
    "enrolling": ("newcomer", ["/accounts/2fa/"]),
    "account": ("owner", ["/accounts/"]),
    "projects": ("owner", ["/projects/", "P"]),
    "credits": ("owner", ["Pcredits/"]),
    "app users": ("owner", ["Papp-users/"]),
    "buying": ("owner", ["Pnumbers/buy", "Pnumbers/orders/"]),
    "documents": ("owner", ["Pnumbers/documents/", "Pnumbers/renewals"]),
    "purchased": ("owner", ["Pnumbers/"]),
    "calls": ("owner", ["Pnumbers/calls/"]),
    "messages": ("owner", ["Pnumbers/sms/", "Pwebhooks/"]),
    "one number": ("owner", ["Pnumbers/purchased/"]),
    "desk": ("staff", ["/admin/numbers/order/"]),
    "admin of numbers": ("staff", ["/admin/numbers/"]),
    "admin": ("staff", ["/admin/"]),
}
# What an address shows only when it is asked for.
QUERIES = {
    "Pnumbers/buy/": ["?country=US&pattern=212&match=contains", "?country=GB&pattern=99999&match=start"],
    "Pnumbers/purchased/": ["?q=nothing+has+this+name", "?tag=night-shift&state=active"],
    "Pnumbers/documents/": ["?q=nothing"],
    "Pnumbers/sms/settings/": ["?q=nothing"],
    "Pnumbers/sms/logs/": ["?q=nothing", "?number=12&since=yesterday"],
    "Pnumbers/calls/": ["?q=nothing", "?number=12&since=yesterday"],
    "Pnumbers/documents/upload/": ["?order={ref}"],
    "Pnumbers/purchased/bulk/release/": ["?lease={lease}"],
    "Papp-users/": ["?q=nobody+has+this+name", "?status=deactivated&q=m"],
    "Pcredits/history/": ["?kind=usage", "?since=2026-11-05&until=2026-11-01"],
    "/pricing/": ["?country=GB", "?country=XX"],
    "/accounts/2fa/": ["?recovery=1"],
}


@pytest.fixture
def world(settings, tmp_path):
    settings.ACCOUNT_RATE_LIMITS = {}
    settings.SANDBOX_CALLS_URL = "http://127.0.0.1:9"  # what the demo has besides stands on the pages, too
    documents = settings.STORAGES["documents"]
    options = documents["OPTIONS"] | {"location": str(tmp_path / "documents")}
    settings.STORAGES = settings.STORAGES | {"documents": documents | {"OPTIONS": options}}
    return demanding.build()


def signed_in_as(who, world):
    client = Client()
    if who in ("owner", "staff"):
        sign_in(client, getattr(world, who))
    elif who == "halfway":
        browser_of(world.owner)  # has an authenticator app from now on
        steps.login(client, email=world.owner.email, password=PASSWORD)
    elif who == "newcomer":
        steps.login(client, email=make_user().email, password=PASSWORD)
    return client


def addresses(world):
    """Every address there is, with the ids of what the world has; each once."""
    found = dict.fromkeys(path for values in world.addresses() for path in paths(**values))
    for model in admin.site._registry:
        if (first := model._default_manager.order_by("-pk").first()) is not None:
            for page in ("change", "history", "delete"):
                name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
                found[reverse(name, args=[first.pk])] = None
    for path in [*found, "/no/such/page/"]:
        yield path
        for beginning, queries in QUERIES.items():
            if path == at(beginning, world):
                yield from (path + query.format(**next(world.addresses())) for query in queries)


def at(beginning, world):
    return re.sub("^P", f"/projects/{world.project.pid}/", beginning)


def pages(group, world, client):
    """Of a group's addresses those that answer with a page: ``(path, widths)``. Of those that look alike, one; the
    second and further looks of the same page, and the admin site's own pages, at every fifth width."""
    who, own = GROUPS[group]
    mine = {at(each, world) for each in own}
    all_of_them = mine | {at(each, world) for other, theirs in GROUPS.values() if other == who for each in theirs}
    seen, routes = set(), set()
    for path in addresses(world):
        group_of_path = max((each for each in all_of_them if path.startswith(each)), key=len, default=None)
        if group_of_path not in mine or (who == "nobody" and path.startswith(("/admin", "/projects"))):
            continue
        answer = client.get(path)
        body = answer.content if not answer.streaming else b""
        if b"<html" not in body or not answer.headers["Content-Type"].startswith("text/html"):
            continue
        route = answer.resolver_match.route if answer.status_code != 404 else "404"
        look = (route, frozenset(re.findall(rb'class="([^"]*)"', body)))
        if look not in seen:
            yield path, WIDTHS[::5] if route in routes or "admin" in group else WIDTHS
            seen.add(look)
            routes.add(route)


def open_as(client, page, live_server):
    if "sessionid" in client.cookies:
        page.context.add_cookies(
            [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
        )
    page.emulate_media(reduced_motion="reduce")
    page.watch.allow("the server responded with a status of")  # error pages, too
    return page


@pytest.mark.parametrize("group", GROUPS)
def test_pages(group, world, page, live_server):
    client = signed_in_as(GROUPS[group][0], world)
    page = framed(open_as(client, page, live_server))
    run_due_jobs()
    found = {}
    walked = 0
    for path, widths in pages(group, world, client):
        page.goto(path)
        found[path] = faults(page, widths, free="admin" in group)
        if "admin" not in group:
            found[f"{path} in larger text"] = faults(page, widths[::5], text="125%")
            found[f"{path} at 320 × 480"] = {fault: [320] for fault in unreachable(page, 320, 480, "body")}
        walked += 1
    found = {path: each for path, each in found.items() if each}
    assert walked
    assert found == {}, report(found)
