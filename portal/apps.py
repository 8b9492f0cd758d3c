from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class PortalConfig(AppConfig):
    name = "portal"

    def ready(self) -> None:
        from portal import checks  # noqa: F401  registers the start-up checks
        from portal.jobs import mail  # noqa: F401  registers its job


class PortalAdminConfig(AdminConfig):
    default_site = "portal.admin_site.PortalAdminSite"
