"""Everything under /projects/<pid>/numbers/. Each room keeps its own addresses; they share one namespace."""

from django.urls import include, path

from numbers.leases import views as leases

app_name = "numbers"
urlpatterns = [
    path("", leases.overview, name="overview"),
    path("purchased/", leases.purchased, name="purchased"),
    path("purchased/<int:lease>/", leases.detail, name="lease"),
    path("purchased/<int:lease>/name/", leases.rename, name="rename"),
    path("", include("numbers.orders.urls")),
    path("", include("numbers.inventory.urls")),
    path("", include("numbers.routing.urls")),
]
