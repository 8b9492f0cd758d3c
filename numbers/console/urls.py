"""The addresses of the customer's pages."""

from django.urls import include, path

urlpatterns = [
    path("", include("numbers.console.documents.urls")),
    path("", include("numbers.console.number.urls")),
    path("", include("numbers.console.orders.urls")),
    path("", include("numbers.console.overview.urls")),
    path("", include("numbers.console.purchased.urls")),
]
