import pytest
from django.utils import timezone

from tests.support.people import staff_client


@pytest.fixture
def desk(client, db):
    return staff_client("Provisioning", client)


@pytest.fixture
def today():
    return timezone.now().date()
