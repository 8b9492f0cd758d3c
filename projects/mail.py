"""Mails about what was done in a project."""

from typing import Any

from django.conf import settings

from portal.accounts.models import User
from portal.jobs import mail
from projects.models import Membership, Project, Role


def send(name: str, *, project: Project, user_id: int | None, path: str, **context: Any) -> None:
    """Mails ``templates/emails/<name>`` to the person who did it, with a link to ``path``.

    What the API did, or somebody whose account is closed, goes to the project's owner. The template gets
    ``person``, ``project``, ``url`` and the context.
    """
    person = User.objects.filter(pk=user_id, is_active=True).first() if user_id else None
    if person is None:
        owner = Membership.objects.select_related("user").filter(project=project, role=Role.OWNER).first()
        if owner is None:
            return
        person = owner.user
    given = {"person": person, "project": project, "url": settings.SITE_URL + path}
    mail.send_templated(name, to=[person.email], context=given | context)
