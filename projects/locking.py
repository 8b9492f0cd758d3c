"""The lock on a project, for whatever must not happen twice in it at once."""

from projects.models import Project


def lock_project(project_id: int) -> Project:
    """The project as it is now; other changes of it wait until the end of the transaction.

    NO KEY: what only refers to the project need not wait. A purchase takes FOR SHARE and does wait.
    """
    return Project.objects.select_for_update(no_key=True).get(pk=project_id)
