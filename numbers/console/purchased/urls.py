from django.urls import path

from numbers.console.purchased import bulk_views, release_views, views

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
    path("purchased/<int:lease>/release/", release_views.release, name="release"),
    path("purchased/<int:lease>/undo/", release_views.undo, name="undo_release"),
    path("purchased/<int:lease>/keep/", release_views.keep, name="keep"),
    path("purchased/<int:lease>/lock/", release_views.lock, name="lock"),
    path("purchased/<int:lease>/unlock/", release_views.unlock, name="unlock"),
]
