from datetime import timedelta
import pytest
from django.utils import timezone
from numbers.models import CallRoute, Lease
from numbers.leases import releasing, services
from numbers.orders.services import purchase, place_order
from projects.actor import SYSTEM
from tests.factories import actor, fund, make_number, make_project, make_user
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OUT = "/tmp/h/shots/"

def setup():
    owner = make_user(full_name="Ada Winter")
    project = make_project(owner, name="Acme Voice")
    fund(project, "500")
    by, now = actor(owner), timezone.now()
    def buy(e164, **x):
        n = make_number(e164, **x)
        return purchase(project=project, e164=e164, by=by, purchase_key=None, expected_total=None, now=now - timedelta(days=3))
    ls = [buy(f"+1212555{n:04d}") for n in range(100, 130)]
    ls += [buy("+442079460100", country="GB", region="England", city="London"), buy("+18005550101", type="tollfree", region="", city="", sms=False), buy("+4930901820", country="DE", region="", city="Berlin", voice=False)]
    CallRoute.objects.create(lease=ls[-3], kind="pstn", pstn_target="+442079460018")
    services.rename_lease(lease=ls[-3], name="Support line London", by=by, now=now)
    services.set_tags(lease=ls[-3], tags=["support", "london", "24/7"], by=by, now=now)
    services.set_tags(lease=ls[-2], tags=["sales", "vip"], by=by, now=now)
    releasing.set_lock(lease=ls[-3], locked=True, by=by, now=now)
    releasing.release(lease=ls[-1], at_period_end=True, by=by, now=now)
    releasing.release(lease=ls[-4], at_period_end=False, by=by, now=now)
    Lease.objects.filter(pk=ls[-5].pk).update(status="past_due", past_due_since=now, suspends_at=now + timedelta(days=10), releases_at=now + timedelta(days=30), next_charge_on=now.date())
    Lease.objects.filter(pk=ls[-6].pk).update(status="suspended", past_due_since=now, suspends_at=now, releases_at=now + timedelta(days=20), next_charge_on=now.date())
    return owner, project, ls

def shoot(page, name, full=True):
    page.wait_for_timeout(300)
    page.screenshot(path=OUT + name + ".png", full_page=full)

@pytest.mark.parametrize("theme", ["light", "dark"])
def test_desktop(signed_in_page, theme):
    owner, project, ls = setup()
    page = signed_in_page(owner)
    page.add_init_script(f"localStorage.setItem('theme', '{theme}')")
    page.goto(f"/projects/{project.pid}/numbers/purchased/")
    page.evaluate(f"document.documentElement.setAttribute('data-bs-theme', '{theme}')")
    for b in page.locator("[data-select]").all()[:3]: b.check()
    page.locator(".more-filters summary").click()
    shoot(page, f"list-{theme}", False)
    page.get_by_role("button", name="Release…").click()
    page.wait_for_selector("dialog[open]")
    shoot(page, f"bulk-release-{theme}", False)
    page.keyboard.press("Escape")
    page.locator("#bulk-tag").fill("night")
    page.get_by_role("button", name="Add").click()
    page.wait_for_selector("dialog[open]")
    shoot(page, f"bulk-result-{theme}", False)
    for i, n in ((-3, "routed"), (-1, "ending"), (-4, "released"), (-5, "pastdue")):
        page.goto(f"/projects/{project.pid}/numbers/purchased/{ls[i].pk}/")
        page.evaluate(f"document.documentElement.setAttribute('data-bs-theme', '{theme}')")
        shoot(page, f"detail-{n}-{theme}")
    page.goto(f"/projects/{project.pid}/numbers/purchased/{ls[0].pk}/")
    page.evaluate(f"document.documentElement.setAttribute('data-bs-theme', '{theme}')")
    page.get_by_role("link", name="Release…").click()
    page.wait_for_selector("dialog[open]")
    shoot(page, f"release-{theme}", False)
    page.goto(f"/projects/{project.pid}/numbers/purchased/?status=released")
    page.evaluate(f"document.documentElement.setAttribute('data-bs-theme', '{theme}')")
    shoot(page, f"released-list-{theme}", False)

def test_phone(signed_in_phone):
    owner, project, ls = setup()
    page = signed_in_phone(owner)
    page.goto(f"/projects/{project.pid}/numbers/purchased/")
    page.locator("[data-select]").nth(1).check()
    page.locator(".more-filters summary").click()
    page.wait_for_timeout(300)
    page.screenshot(path=OUT + "phone-list.png", clip={"x": 0, "y": 0, "width": 390, "height": 1900}, full_page=True)
    page.goto(f"/projects/{project.pid}/numbers/purchased/{ls[-3].pk}/")
    shoot(page, "phone-detail")
    page.goto(f"/projects/{project.pid}/numbers/purchased/{ls[0].pk}/release/")
    shoot(page, "phone-release")
    page.goto(f"/projects/{project.pid}/numbers/purchased/{ls[-1].pk}/")
    shoot(page, "phone-ending")
