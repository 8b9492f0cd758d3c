"""Project ID and Auth Token in the guide's calls."""

from django.conf import settings
from django.http import HttpRequest

from numbers.guide_api.envelopes import InvalidKeysError
from numbers.guide_api.parameters import required
from portal.core import rate_limit
from projects import tokens
from projects.actor import Actor, for_token
from projects.models import Project


def authenticate(request: HttpRequest, parameters: dict[str, str]) -> tuple[Project, Actor]:
    """The project whose keys these are.

    Raises ``missing_parameter``, ``invalid_keys``, ``rate_limited``, ``project_suspended``, ``owner_inactive``.

    Failures count by address; once they are too many, keys are refused unseen, right or wrong. Nothing in an
    answer or its time tells whether the project exists.
    """
    pid, token = required(parameters, "projectid"), required(parameters, "authtoken")
    address = rate_limit.client_address(request)
    rate_limit.check("failed-keys", address, per_minute=settings.FAILED_KEYS_PER_MINUTE)
    found = tokens.authenticate(pid, token)
    if found is None:
        rate_limit.count("failed-keys", address)
        raise InvalidKeysError
    project, key = found
    rate_limit.hit("project-writes", str(project.pk), per_minute=settings.PROJECT_WRITES_PER_MINUTE)
    return project, for_token(project.pid, key.hint, address or None)
