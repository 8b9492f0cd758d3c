"""Tables are made while they are sent, which takes a processor some time: nobody gets them without end."""

import pytest

from tests.access.addresses import paths
from tests.support.people import browser_of, sign_in
from tests.support.projects import add_member, make_project

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_minute")]


def tables(project):
    """A template is a file without rows; passwords and reports are there only after an import."""
    found = [path for path in paths(pid=project.pid) if path.endswith(".csv")]
    return [path for path in found if "/app-users/import" not in path and not path.endswith("/report.csv")]


def whole(client, path):
    answer = client.get(path)
    if answer.status_code == 200:
        assert b"".join(answer.streaming_content).decode("utf-8-sig").strip()
    return answer


@pytest.mark.parametrize("number", [0, 1])
def test_a_person_gets_so_many_tables_a_minute(client, settings, number):
    settings.EXPORTS_PER_MINUTE = 2
    project = make_project()
    path, *_ = tables(project)[number:]
    sign_in(client, project.created_by)
    assert [whole(client, path).status_code for _ in range(3)] == [200, 200, 429]
    refused = client.get(path)
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert f"Try again in {refused.headers['Retry-After']} seconds." in refused.content.decode()
    other = browser_of(add_member(project))
    assert whole(other, path).status_code == 200


def test_all_tables_count_together(client, settings):
    project = make_project()
    settings.EXPORTS_PER_MINUTE = len(tables(project))
    sign_in(client, project.created_by)
    assert [whole(client, path).status_code for path in tables(project)] == [200] * len(tables(project))
    assert {client.get(path).status_code for path in tables(project)} == {429}
