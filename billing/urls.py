"""``/projects/<pid>/credits/…``"""

from django.urls import path

from billing import views

app_name = "billing"

urlpatterns = [
    path("", views.credits, name="credits"),
    path("add/", views.top_up, name="top_up"),
    path("opening/<uuid:ref>/", views.opening, name="opening"),
    path("return/<uuid:ref>/", views.returned, name="return"),
    path("cancelled/<uuid:ref>/", views.cancelled, name="cancelled"),
    path("receipts/<uuid:ref>/", views.receipt, name="receipt"),
    path("history/", views.history, name="history"),
    path("history.csv", views.history_csv, name="history_csv"),
]
