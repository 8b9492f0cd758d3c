from django.urls import path, re_path

from numbers.console.orders import purchase_views, views

urlpatterns = [
    re_path(r"^buy/(?P<e164>[0-9]{7,15})/$", purchase_views.buy, name="buy"),
    path("orders/<uuid:ref>/", views.order, name="order"),
    path("orders/<uuid:ref>/answer/", views.answer, name="order_answer"),
    path("orders/<uuid:ref>/documents/", views.submit, name="order_submit"),
    path("orders/<uuid:ref>/cancel/", views.cancel, name="order_cancel"),
]
