from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, re_path

from numbers.carrier import views

urlpatterns: list[URLPattern | URLResolver] = [
    # The slash at the end is optional: a switch follows no redirect.
    re_path(r"^routes/(?P<called>[^/]*)/?$", login_not_required(views.route), name="carrier_route"),
]
