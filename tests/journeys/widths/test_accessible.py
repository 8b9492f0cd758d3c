"""axe finds nothing on the page of each kind in a small and in a usual window, light and dark."""

import pytest

from tests.journeys.widths.test_pages import open_as, signed_in_as, world  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
KINDS = {
    "lists": ["", "numbers/", "numbers/purchased/", "numbers/documents/"],
    "pages": ["numbers/buy/?country=US", "numbers/purchased/{lease}/", "numbers/orders/{ref}/", "numbers/renewals/"],
    "app users": ["app-users/", "app-users/add/", "app-users/{app_user}/", "app-users/import/"],
    "calls": [
        "numbers/calls/",
        "numbers/calls/{start}-{record}/",
        "numbers/calls/?q=nothing",
        "numbers/calls/?number=1",
    ],
    "push": ["push/ios/", "push/ios/upload/", "push/android/upload/", "push/ios/remove/"],
    "money": ["credits/", "credits/history/", "keys/", "settings/"],
}


@pytest.mark.parametrize("kind", KINDS)
def test_no_barrier_at_either_width(kind, world, page, live_server, accessible):  # noqa: F811
    page = open_as(signed_in_as("owner", world), page, live_server)
    first = next(world.addresses()) | {"app_user": world.app_users[0].pk}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for path in KINDS[kind]:
            page.goto(f"/projects/{world.project.pid}/{path.format(**first)}")
            for width in (320, 1280):
                page.set_viewport_size({"width": width, "height": 900})
                accessible(page)
