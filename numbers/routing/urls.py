from django.urls import path

from numbers.routing import views

# Included by numbers/urls.py.
urlpatterns = [
    path("purchased/<int:lease>/route/pstn/", views.set_pstn_number, name="route_pstn"),
    path("purchased/<int:lease>/route/delete/", views.delete, name="route_delete"),
]
