from django.urls import path

from numbers.guide_api import reference_views

# Included by numbers/urls.py; the calls themselves have addresses without a project, in urls.py.
urlpatterns = [
    path("api/", reference_views.api_reference, name="api_reference"),
]
