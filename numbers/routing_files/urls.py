from django.urls import path

from numbers.routing_files import views

# Included by numbers/urls.py.
urlpatterns = [
    path("purchased/routing/", views.routing_file, name="routing_file"),
    path("purchased/routing/routing.csv", views.export, name="routing_export"),
    path("purchased/routing/<uuid:ref>/", views.detail, name="routing_import"),
    path("purchased/routing/<uuid:ref>/progress/", views.progress, name="routing_import_progress"),
    path("purchased/routing/<uuid:ref>/report.csv", views.report, name="routing_import_report"),
    path("purchased/routing/<uuid:ref>/apply/", views.apply, name="routing_import_apply"),
    path("purchased/routing/<uuid:ref>/delete/", views.delete, name="routing_import_delete"),
]
