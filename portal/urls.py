from django.contrib import admin
from django.urls import include, path

from portal.shell.dashboard import dashboard

urlpatterns = [
    path("carrier/v1/", include("numbers.carrier.urls")),  # first: calls wait for it
    path("", include("portal.shell.public_urls")),
    path("accounts/", include("portal.accounts.urls")),
    path("projects/", include("portal.shell.project_urls")),
    path("projects/<str:pid>/", dashboard, name="dashboard"),
    path("projects/<str:pid>/credits/", include("billing.urls")),
    path("projects/<str:pid>/numbers/", include("numbers.urls")),
    path("payments/", include("billing.payments.webhook_urls")),
    path("", include("numbers.guide_api.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "portal.edge.errors.bad_request"
handler403 = "portal.edge.errors.forbidden"
handler404 = "portal.edge.errors.not_found"
handler500 = "portal.edge.errors.server_error"
handler429 = "portal.edge.errors.too_many_requests"  # allauth's rate limits look for it
