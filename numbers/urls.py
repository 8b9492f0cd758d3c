"""Everything under /projects/<pid>/numbers/. Each room keeps its own addresses; they share one namespace."""

from django.urls import include, path

app_name = "numbers"
urlpatterns = [
    path("", include("numbers.calls.urls")),
    path("", include("numbers.console.urls")),
    path("", include("numbers.guide_api.reference_urls")),
    path("", include("numbers.inventory.urls")),
    path("", include("numbers.messaging.urls")),
    path("", include("numbers.renewals.urls")),
    path("", include("numbers.routing.urls")),
    path("", include("numbers.routing_files.urls")),
]
