from django.urls import path

from numbers.console.overview import views

urlpatterns = [path("", views.overview, name="overview")]
