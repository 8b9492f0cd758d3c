from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, re_path

from numbers.guide_api import views

# With or without a slash at the end: programs do not follow redirects.
urlpatterns: list[URLPattern | URLResolver] = [
    re_path(r"^listnewnumbers/?$", login_not_required(views.list_new_numbers), name="guide_list"),
    re_path(r"^purchasenumber/?$", login_not_required(views.purchase_number), name="guide_purchase"),
    re_path(r"^api/callrouting/?$", login_not_required(views.call_routing), name="guide_routing"),
]
