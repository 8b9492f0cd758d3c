"""What a switch hears of a number that somebody had: released while it is kept for them, unknown to anybody else."""

import pytest
from django.test import Client

from numbers.models import Number
from tests.support.leases import DID, make_lease
from tests.support.switches import switch_secret

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        ("quarantined", (410, "released")),
        ("withdrawn", (410, "released")),
        ("available", (404, "unknown_number")),
        ("held", (404, "unknown_number")),
    ],
)
def test_after_its_release(status, answer):
    secret = switch_secret()
    make_lease(status="released")
    Number.objects.update(status=status)
    told = Client().get(f"/carrier/v1/routes/{DID}", headers={"Authorization": f"Bearer {secret}"})
    assert (told.status_code, told.json()["error"]) == answer
