from django.urls import path

from numbers.console.number import release_views, simulator_views, views

urlpatterns = [
    path("purchased/<int:lease>/", views.detail, name="lease"),
    path("purchased/<int:lease>/name/", views.rename, name="rename"),
    path("purchased/<int:lease>/tags/", views.retag, name="retag"),
    path("purchased/<int:lease>/release/", release_views.release, name="release"),
    path("purchased/<int:lease>/undo/", release_views.undo, name="undo_release"),
    path("purchased/<int:lease>/keep/", release_views.cancel_release, name="cancel_release"),
    path("purchased/<int:lease>/lock/", release_views.lock, name="lock"),
    path("purchased/<int:lease>/simulator/", simulator_views.simulator, name="simulator"),
    path("purchased/<int:lease>/unlock/", release_views.unlock, name="unlock"),
]
