from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, re_path

from numbers.carrier import cdr_views, sip_credential_views, sms_views, views

urlpatterns: list[URLPattern | URLResolver] = [
    # The slash at the end is optional: a switch follows no redirect.
    re_path(r"^routes/(?P<called>[^/]*)/?$", login_not_required(views.route), name="carrier_route"),
    re_path(r"^cdrs/?$", login_not_required(cdr_views.cdrs), name="carrier_cdrs"),
    re_path(r"^sms/inbound/?$", login_not_required(sms_views.inbound), name="carrier_sms"),
    re_path(r"^sms/kannel/?$", login_not_required(sms_views.kannel), name="carrier_sms_kannel"),
    re_path(r"^sms/jasmin/?$", login_not_required(sms_views.jasmin), name="carrier_sms_jasmin"),
    re_path(
        r"^sms/jasmin/(?P<secret>[^/]+)/?$", login_not_required(sms_views.jasmin), name="carrier_sms_jasmin_secret"
    ),
    re_path(  # a username may hold a slash, as it is or escaped; the view sees to one at the end
        r"^sip-credentials/(?P<domain>[^/]*)/(?P<username>.*)$",
        login_not_required(sip_credential_views.sip_credentials),
        name="carrier_sip_credentials",
    ),
]
