"""``/projects/<pid>/app-users/…``; included by projects/urls.py."""

from django.urls import path

from projects.app_users import suggest_views, views

urlpatterns = [
    path("", views.app_users, name="app_users"),
    path("suggest/", suggest_views.suggest, name="app_user_suggest"),
    path("add/", views.add, name="app_user_add"),
    path("<int:app_user>/", views.detail, name="app_user"),
    path("<int:app_user>/activate/", views.activate, name="app_user_activate"),
    path("<int:app_user>/deactivate/", views.deactivate, name="app_user_deactivate"),
    path("<int:app_user>/password/", views.reset_password, name="app_user_password"),
]
