"""``/projects/<pid>/app-users/…``; included by projects/urls.py."""

from django.urls import path

from projects.app_users import import_views, suggest_views, views

urlpatterns = [
    path("", views.app_users, name="app_users"),
    path("suggest/", suggest_views.suggest, name="app_user_suggest"),
    path("add/", views.add, name="app_user_add"),
    path("<int:app_user>/", views.detail, name="app_user"),
    path("<int:app_user>/activate/", views.activate, name="app_user_activate"),
    path("<int:app_user>/deactivate/", views.deactivate, name="app_user_deactivate"),
    path("<int:app_user>/password/", views.reset_password, name="app_user_password"),
    path("import/", import_views.import_file, name="app_user_import_file"),
    path("import/template.csv", import_views.template, name="app_user_import_template"),
    path("imports/<uuid:ref>/", import_views.detail, name="app_user_import"),
    path("imports/<uuid:ref>/progress/", import_views.progress, name="app_user_import_progress"),
    path("imports/<uuid:ref>/report.csv", import_views.report, name="app_user_import_report"),
    path("imports/<uuid:ref>/passwords/", import_views.passwords, name="app_user_import_passwords"),
    path("imports/<uuid:ref>/delete/", import_views.delete, name="app_user_import_delete"),
]
