from django.urls import path

from numbers.inventory import views

# Included by numbers/urls.py.
urlpatterns = [
    path("buy/", views.search, name="search"),
    path("buy/results/", views.results, name="results"),
]
