"""``/projects/…`` and the names ``projects:…``. The list lives here because it reads billing and numbers."""

from django.urls import include, path

from portal.shell import dashboard

app_name = "projects"

urlpatterns = [
    path("", dashboard.project_list, name="list"),
    path("", include("projects.urls")),
]
