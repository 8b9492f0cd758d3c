from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("portal.shell_urls")),
    path("accounts/", include("portal.accounts.urls")),
    path("projects/", include("projects.urls")),
    path("projects/<str:pid>/credits/", include("billing.urls")),
    path("projects/<str:pid>/numbers/", include("numbers.urls")),
    path("payments/", include("billing.payments.webhook_urls")),
    path("carrier/v1/", include("numbers.carrier.urls")),
    path("", include("numbers.classic.urls")),
    path("admin/", admin.site.urls),
]
