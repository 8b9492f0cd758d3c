import pytest
from django.utils import timezone

from tests.regulations.admin_site import team


@pytest.fixture
def desk(client, db):
    return team("Provisioning", client)


@pytest.fixture
def today():
    return timezone.now().date()
