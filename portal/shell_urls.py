from django.urls import path

from portal import shell

app_name = "shell"

urlpatterns = [
    path("", shell.home, name="home"),
    path("pricing/", shell.pricing, name="pricing"),
    # The address that the guide prints.
    path("pricing.html", shell.pricing_html, name="pricing_html"),
    path("legal/terms/", shell.legal, {"document": "terms"}, name="terms"),
    path("legal/refunds/", shell.legal, {"document": "refunds"}, name="refunds"),
    path("legal/privacy/", shell.legal, {"document": "privacy"}, name="privacy"),
]
