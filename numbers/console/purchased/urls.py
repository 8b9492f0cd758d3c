from django.urls import path

from numbers.console.purchased import bulk_views, views

urlpatterns = [
    path("purchased/", views.purchased, name="purchased"),
    path("purchased/export.csv", views.purchased_csv, name="purchased_csv"),
    path("purchased/<int:lease>/route/", views.row, name="route"),
    path("purchased/bulk/", bulk_views.act, name="bulk"),
    path("purchased/bulk/release/", bulk_views.release, name="bulk_release"),
    path("purchased/bulk/unlock/", bulk_views.unlock, name="bulk_unlock"),
]
