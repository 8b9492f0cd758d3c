"""One cast for all tests, as fixtures. What a folder needs otherwise, its conftest says."""

import pytest

from projects.models import Role
from tests.support.people import actor, browser_of, make_staff, make_superuser, make_user, sign_in
from tests.support.projects import add_member, make_project


@pytest.fixture
def owner(db):
    return make_user(full_name="Olga Owner")


@pytest.fixture
def starting_credit():
    """What the project has to spend, in USD; None if nothing was ever booked. A folder or a file may say otherwise."""
    return "100"


@pytest.fixture
def project(owner, starting_credit):
    return make_project(owner, credit=starting_credit)


@pytest.fixture
def by(owner):
    """The owner, as services are told who acts."""
    return actor(owner)


@pytest.fixture
def reader(project):
    return add_member(project, Role.READ_ONLY, make_user(full_name="Rob Reader"))


@pytest.fixture
def stranger(db):
    """Somebody with a project of their own."""
    return make_user(full_name="Stan Stranger")


@pytest.fixture
def other_project(stranger):
    """The stranger's, with 100 USD."""
    return make_project(stranger, credit="100")


@pytest.fixture
def provisioner(db):
    return make_staff("Provisioning", full_name="Rita Reviewer")


@pytest.fixture
def superuser(db):
    return make_superuser()


@pytest.fixture
def customer(client, owner):
    """The owner's browser, signed in."""
    return sign_in(client, owner)


@pytest.fixture
def desk(provisioner):
    """The provisioner's browser, signed in."""
    return browser_of(provisioner)
