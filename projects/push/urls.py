"""Below ``/projects/<pid>/push/``; names as those of the other pages of a project."""

from django.urls import path

from projects.push import views

urlpatterns = [
    path("<str:platform>/", views.show, name="push"),
    path("<str:platform>/upload/", views.upload, name="push_upload"),
    path("<str:platform>/remove/", views.remove, name="push_remove"),
]
