from django.urls import path, re_path

from numbers.orders import pages, views

urlpatterns = [
    re_path(r"^buy/(?P<e164>[0-9]{7,15})/$", views.buy, name="buy"),
    path("orders/<uuid:ref>/", pages.order, name="order"),
    path("orders/<uuid:ref>/answer/", pages.answer, name="order_answer"),
    path("orders/<uuid:ref>/documents/", pages.hand_in, name="order_hand_in"),
    path("orders/<uuid:ref>/cancel/", pages.cancel, name="order_cancel"),
]
