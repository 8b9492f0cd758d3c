"""Of allauth's addresses only those that the portal uses: no sign-in by code, no password without an old one."""

from allauth.account import views as allauth_views
from django.urls import URLPattern, URLResolver, path, re_path
from django.views.generic import RedirectView

from portal.accounts import activation, active_sessions, phone, security, sign_in, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="account_security")),
    path("login/", allauth_views.login, name="account_login"),
    path("logout/", allauth_views.logout, name="account_logout"),
    path("inactive/", allauth_views.account_inactive, name="account_inactive"),
    path("signup/", views.SignupView.as_view(), name="account_signup"),
    path("signup/challenge/", views.altcha_challenge, name="altcha_challenge"),
    path("confirm-email/", views.verification_sent, name="account_email_verification_sent"),
    path("confirm-email/resend/", views.resend_confirmation, name="account_resend_confirmation"),
    re_path(r"^confirm-email/(?P<key>[-:\w]+)/$", views.ConfirmEmailView.as_view(), name="account_confirm_email"),
    path("activate/<str:key>/", activation.activate, name="account_activate"),
    path("password/reset/", allauth_views.password_reset, name="account_reset_password"),
    path("password/reset/done/", allauth_views.password_reset_done, name="account_reset_password_done"),
    path(
        "password/reset/key/done/",
        allauth_views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.PasswordResetFromKeyView.as_view(),
        name="account_reset_password_from_key",
    ),
    path("password/change/", views.PasswordChangeView.as_view(), name="account_change_password"),
    path("email/", allauth_views.email, name="account_email"),
    path("phone/", phone.change, name="account_phone"),
    path("phone/confirm/<str:key>/", phone.confirm, name="account_confirm_phone"),
    path("reauthenticate/", allauth_views.reauthenticate, name="account_reauthenticate"),  # leads to the next but one
    path("sessions/", active_sessions.listing, name="usersessions_list"),
    path("sessions/end/", active_sessions.end, name="end_session"),
    path("security/", security.overview, name="account_security"),
    path("2fa/", sign_in.second_factor, name="second_factor"),
    path("2fa/enrol/", sign_in.enrol, name="second_factor_enrol"),
    path("2fa/codes/", sign_in.recovery_codes, name="second_factor_codes"),
    path("2fa/reauthenticate/", security.ReauthenticateView.as_view(), name="otp_reauthenticate"),
    path("2fa/recovery-codes/", security.recovery_codes, name="recovery_codes"),
    path("2fa/replace/", security.replace_authenticator, name="replace_authenticator"),
]
