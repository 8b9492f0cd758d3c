from django.urls import path

from numbers.calls import views

# Included by numbers/urls.py.
urlpatterns = [
    path("calls/", views.calls, name="calls"),
    path("calls/export.csv", views.calls_csv, name="calls_csv"),
    path("calls/<int:start>-<int:record>/", views.call, name="call"),
]
