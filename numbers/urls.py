"""Everything under /projects/<pid>/numbers/. Each room keeps its own addresses; they share one namespace."""

from django.urls import include, path, re_path

from numbers.leases import views as leases
from numbers.orders import views as orders

app_name = "numbers"
urlpatterns = [
    path("", leases.overview, name="overview"),
    re_path(r"^buy/(?P<e164>[0-9]{7,15})/$", orders.buy, name="buy"),
    path("purchased/", leases.purchased, name="purchased"),
    path("purchased/<int:lease>/", leases.detail, name="lease"),
    path("purchased/<int:lease>/name/", leases.rename, name="rename"),
    path("orders/<uuid:ref>/cancel/", orders.cancel, name="order_cancel"),
    path("", include("numbers.inventory.urls")),
    path("", include("numbers.routing.urls")),
]
