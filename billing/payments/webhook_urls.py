from django.urls import path

from billing.payments import webhook_view

urlpatterns = [path("stripe/webhook", webhook_view.stripe_webhook, name="stripe_webhook")]
