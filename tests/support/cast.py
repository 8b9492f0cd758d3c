"""One cast for all tests, as fixtures. What a folder needs otherwise, its conftest says."""

import pytest

from projects.models import Role
from tests.support.people import make_staff, make_user, sign_in
from tests.support.projects import add_member, fund, make_project


@pytest.fixture
def owner(db):
    return make_user(full_name="Olga Owner")


@pytest.fixture
def starting_credit():
    """What the project has to spend, in USD. A folder or a file may say something else."""
    return "100"


@pytest.fixture
def project(owner, starting_credit):
    project = make_project(owner)
    fund(project, starting_credit)
    return project


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
    project = make_project(stranger)
    fund(project, "100")
    return project


@pytest.fixture
def provisioner(db):
    return make_staff("Provisioning", full_name="Rita Reviewer")


@pytest.fixture
def customer(client, owner):
    """The owner's browser, signed in."""
    return sign_in(client, owner)
