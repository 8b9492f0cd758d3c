from django.urls import path

from numbers.leases import bulk_views, ending_views, views

# Included by numbers/urls.py.
urlpatterns = [
    path("", views.overview, name="overview"),
    path("purchased/", views.purchased, name="purchased"),
    path("purchased/export.csv", views.purchased_csv, name="purchased_csv"),
    path("purchased/bulk/", bulk_views.act, name="bulk"),
    path("purchased/bulk/release/", bulk_views.release, name="bulk_release"),
    path("purchased/bulk/unlock/", bulk_views.unlock, name="bulk_unlock"),
    path("purchased/<int:lease>/", views.detail, name="lease"),
    path("purchased/<int:lease>/name/", views.rename, name="rename"),
    path("purchased/<int:lease>/tags/", views.retag, name="retag"),
    path("purchased/<int:lease>/release/", ending_views.release, name="release"),
    path("purchased/<int:lease>/undo/", ending_views.undo, name="undo_release"),
    path("purchased/<int:lease>/keep/", ending_views.keep, name="keep"),
    path("purchased/<int:lease>/lock/", ending_views.lock, name="lock"),
    path("purchased/<int:lease>/unlock/", ending_views.unlock, name="unlock"),
]
