"""App users for the demo: an office that answers calls in an app. Nobody sees their passwords; reset one to use it."""

from datetime import datetime, timedelta

from portal.management.demo_clock import Scenario
from projects.actor import Actor
from projects.app_users import services
from projects.models import Project

OFFICE = (
    ("reception", "Reception desk"),
    ("ada.winter", "Ada Winter"),
    ("ben.marsh", "Ben Marsh"),
    ("carla.stone", "Carla Stone"),
    ("workshop", ""),
    ("dan.field", "Dan Field (left in autumn)"),
)


def scenario(project: Project, by: Actor, begin: datetime) -> Scenario:
    """One after the other is added; the last one leaves some days later."""
    for minutes, (username, display_name) in enumerate(OFFICE):
        now = begin + timedelta(minutes=3 * minutes)
        yield now
        app_user = services.add(project=project, username=username, display_name=display_name, by=by, now=now).app_user
    now = begin + timedelta(days=6)
    yield now
    services.deactivate(app_user=app_user, by=by, now=now)
