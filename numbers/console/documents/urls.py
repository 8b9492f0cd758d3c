from django.urls import path

from numbers.console.documents import views

urlpatterns = [
    path("documents/", views.documents, name="documents"),
    path("documents/upload/", views.upload, name="document_upload"),
    path("documents/checks/", views.checks, name="document_checks"),
    path("documents/<uuid:ref>/check/", views.check, name="document_check"),
    path("documents/<uuid:ref>/file/", views.download, name="document_download"),
    path("documents/<uuid:ref>/take-back/", views.withdraw, name="document_withdraw"),
]
