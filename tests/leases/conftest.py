import pytest

from tests.support.people import make_user, sign_in
from tests.support.projects import fund, make_project


@pytest.fixture
def owner(db):
    return make_user()


@pytest.fixture
def project(owner):
    project = make_project(owner)
    fund(project, 1000)
    return project


@pytest.fixture
def customer(client, owner):
    return sign_in(client, owner)
