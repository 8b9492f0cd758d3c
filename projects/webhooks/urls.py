"""Below ``/projects/<pid>/webhooks/``; names as those of the other pages of a project."""

from django.urls import path

from projects.webhooks import views

urlpatterns = [
    path("", views.webhooks, name="webhooks"),
    path("secret/reveal/", views.reveal, name="webhook_secret_reveal"),
    path("secret/rotate/", views.rotate, name="webhook_secret_rotate"),
    path("secret/end/", views.end_former, name="webhook_secret_end"),
    path("endpoints/<int:endpoint>/on/", views.switch_on, name="webhook_switch_on"),
    path("events/", views.catalogue, name="webhook_events"),
    path("events/url/", views.event_url, name="webhook_event_url"),
    path("events/test/", views.event_test, name="webhook_event_test"),
    path("deliveries/<str:webhook_id>/", views.delivery, name="webhook_delivery"),
]
