"""Staff add a switch and rotate its secret in the admin site, at desktop and on a phone."""

import re

import pytest
from playwright.sync_api import expect

from numbers.carrier.models import SwitchCredential
from portal.accounts.models import AuthenticatorDevice
from tests.journeys.test_desk import within
from tests.support.people import make_staff, totp

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LIST = "/admin/numbers/switchcredential/"
SECRET = re.compile(r"^swk_[0-9a-f]{32}$")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_a_switch_from_its_name_to_its_second_secret(width, scheme, signed_in_page, accessible):
    user = make_staff("Network")
    page = signed_in_page(user)
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.watch.allow("422")

    def looks_right():
        assert within(page)
        complaints = list(page.watch.complaints)
        accessible(page)
        page.watch.complaints = complaints  # without those about axe, which copies what Django's style sheets import

    page.goto(LIST)  # Django's own list
    assert within(page)
    page.get_by_role("link", name=re.compile("Add switch", re.I)).click()
    page.locator("[name=code]").fill(totp(AuthenticatorDevice.objects.get(user=user)))
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_label("Name:")).to_be_visible()
    looks_right()
    page.get_by_role("button", name="Add switch").click()
    expect(page.get_by_text("Enter a name for the switch.")).to_be_visible()
    looks_right()
    page.get_by_label("Name:").fill("edge-1")
    page.get_by_label("Look up routes").check()
    page.get_by_label("Only from").fill("192.0.2.10/32")
    page.get_by_role("button", name="Add switch").click()
    expect(page.get_by_text(SECRET)).to_be_visible()
    looks_right()
    page.get_by_role("link", name="I have it").click()
    expect(page.get_by_role("link", name="Rotate secret")).to_be_visible()
    looks_right()
    page.get_by_role("link", name="Rotate secret").click()
    expect(page.get_by_role("button", name="Rotate the secret")).to_be_visible()
    looks_right()
    page.get_by_role("button", name="Rotate the secret").click()
    expect(page.get_by_text("The former secret is accepted until")).to_be_visible()
    expect(page.get_by_text(SECRET)).to_be_visible()
    looks_right()
    page.get_by_role("link", name="I have it").click()
    page.get_by_role("link", name="Rotate secret").click()
    expect(page.get_by_role("button", name="Refuse former secrets now")).to_be_visible()
    looks_right()
    page.get_by_role("button", name="Refuse former secrets now").click()
    expect(page.get_by_text("Only the present secret is accepted now.")).to_be_visible()
    looks_right()
    assert SwitchCredential.objects.get().secrets.count() == 2
