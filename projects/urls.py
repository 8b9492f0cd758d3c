"""``/projects/…`` without the list, which shows money and numbers: see :mod:`portal.shell.project_urls`."""

from django.urls import include, path

from projects import views

urlpatterns = [
    path("new/", views.create, name="create"),
    path("<str:pid>/keys/", views.keys, name="keys"),
    path("<str:pid>/keys/rotate/", views.change_keys, {"change": "rotate"}, name="token_rotate"),
    path("<str:pid>/keys/promote/", views.change_keys, {"change": "promote"}, name="token_promote"),
    path("<str:pid>/keys/revoke/", views.change_keys, {"change": "revoke"}, name="token_revoke"),
    path("<str:pid>/keys/<str:slot>/reveal/", views.reveal, name="token_reveal"),
    path("<str:pid>/push/", include("projects.push.urls")),
    path("<str:pid>/webhooks/", include("projects.webhooks.urls")),
    path("<str:pid>/settings/", views.settings_page, name="settings"),
    path("<str:pid>/settings/archive/", views.archive, name="archive"),
    path("<str:pid>/settings/restore/", views.restore, name="restore"),
    path("<str:pid>/app-users/", include("projects.app_users.urls")),
]
