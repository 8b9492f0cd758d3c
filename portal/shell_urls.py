from django.urls import path

from portal import shell

app_name = "shell"

urlpatterns = [
    path("", shell.home, name="home"),
    path("pricing/", shell.pricing, name="pricing"),
    path("legal/terms/", shell.legal, {"document": "terms"}, name="terms"),
    path("legal/refunds/", shell.legal, {"document": "refunds"}, name="refunds"),
    path("legal/privacy/", shell.legal, {"document": "privacy"}, name="privacy"),
]
