"""Whom a mail about something done in a project goes to."""

from portal.accounts.models import User
from projects.models import Membership, Project, Role


def recipient(project: Project, user_id: int | None) -> User | None:
    """The person who did it; the project's owner for what the API did, or somebody whose account is closed."""
    person = User.objects.filter(pk=user_id, is_active=True).first() if user_id else None
    if person is None:
        owner = Membership.objects.select_related("user").filter(project=project, role=Role.OWNER).first()
        person = owner.user if owner else None
    return person
