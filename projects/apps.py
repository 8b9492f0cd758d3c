from importlib import import_module

from django.apps import AppConfig

# Rooms of the app register their events, handlers, tasks and start-up checks here; one line each.
REGISTERED = [
    "projects.app_users.events",
    "projects.app_users.handlers",
    "projects.app_users.tasks",
    "projects.push.events",
    "projects.push.handlers",
    "projects.push.tasks",
    "projects.webhooks.checks",
    "projects.webhooks.events",
    "projects.webhooks.handlers",
    "projects.webhooks.tasks",
    "projects.webhooks.webhook_events",
]


class ProjectsConfig(AppConfig):
    name = "projects"

    def ready(self) -> None:
        for module in REGISTERED:
            import_module(module)
