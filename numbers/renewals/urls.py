from django.urls import path

from numbers.renewals import views

# Included by numbers/urls.py.
urlpatterns = [
    path("renewals/", views.renewals, name="renewals"),
    path("renewals/<int:lease>/move/", views.move, name="renewal_move"),
]
