from django.urls import path

from portal.shell import public

app_name = "shell"

urlpatterns = [
    path("", public.home, name="home"),
    path("pricing/", public.pricing, name="pricing"),
    # The address that the guide prints.
    path("pricing.html", public.pricing_html, name="pricing_html"),
    path("legal/terms/", public.legal, {"document": "terms"}, name="terms"),
    path("legal/refunds/", public.legal, {"document": "refunds"}, name="refunds"),
    path("legal/privacy/", public.legal, {"document": "privacy"}, name="privacy"),
]
