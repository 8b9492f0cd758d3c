"""The table of screens. To add one, add a line.

``path`` may use what :func:`sandbox.tour.visit.discover` finds: ``{project}`` (its address), ``{lease}``, ``{buy}``,
``{order}``, ``{ordered}``, ``{call}``, ``{switch}``, ``{message}``, ``{receiver}``, ``{review}``, ``{receipt}``,
``{gateway}``, ``{mailbox}``, ``{mail}``. ``who`` is a session of ``sandbox.tour.visit``.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Screen:
    name: str
    path: str
    who: str = "customer"
    status: int = 200


SCREENS = [
    Screen("home", "/", "nobody"),
    Screen("pricing", "/pricing/", "nobody"),
    Screen("terms", "/legal/terms/", "nobody"),
    Screen("refunds", "/legal/refunds/", "nobody"),
    Screen("privacy", "/legal/privacy/", "nobody"),
    Screen("error-404", "/there-is-nothing-here/", "nobody", 404),
    Screen("sign-up", "/accounts/signup/", "nobody"),
    Screen("sign-in", "/accounts/login/", "nobody"),
    Screen("forgot-password", "/accounts/password/reset/", "nobody"),
    Screen("second-factor", "/accounts/2fa/", "halfway"),
    Screen("second-factor-recovery", "/accounts/2fa/?recovery=1", "halfway"),
    Screen("second-factor-enrol", "/accounts/2fa/enrol/", "newcomer"),
    Screen("projects", "/projects/"),
    Screen("project-new", "/projects/new/"),
    Screen("account-security", "/accounts/security/"),
    Screen("account-email", "/accounts/email/"),
    Screen("account-phone", "/accounts/phone/"),
    Screen("account-password", "/accounts/password/change/"),
    Screen("account-sessions", "/accounts/sessions/"),
    Screen("dashboard", "{project}"),
    Screen("keys", "{project}keys/"),
    Screen("push-ios", "{project}push/ios/"),
    Screen("push-ios-upload", "{project}push/ios/upload/"),
    Screen("push-android-upload", "{project}push/android/upload/"),
    Screen("settings", "{project}settings/"),
    Screen("app-users", "{project}app-users/"),
    Screen("app-user-add", "{project}app-users/add/"),
    Screen("app-users-import", "{project}app-users/import/"),
    Screen("numbers-overview", "{project}numbers/"),
    Screen("search", "{project}numbers/buy/?country=US"),
    Screen("search-vanity", "{project}numbers/buy/?country=US&pattern=CAB&match=contains"),
    Screen("search-nothing", "{project}numbers/buy/?country=US&pattern=99999999&match=start"),
    Screen("buy", "{buy}"),
    Screen("order", "{order}"),
    Screen("purchased", "{project}numbers/purchased/"),
    Screen("lease", "{lease}"),
    Screen("simulator", "{lease}simulator/?caller=%2B442079460001"),
    Screen("switch", "{switch}", "nobody"),
    Screen("routing-csv", "{project}numbers/purchased/routing/"),
    Screen("sms-switch", "{switch}/sms", "nobody"),
    Screen("receiver", "{receiver}", "nobody"),
    Screen("sms-settings", "{project}numbers/sms/settings/"),
    Screen("sms-logs", "{project}numbers/sms/logs/"),
    Screen("message", "{message}"),
    Screen("webhooks", "{project}webhooks/"),
    Screen("webhook-events", "{project}webhooks/events/"),
    Screen("calls", "{project}numbers/calls/"),
    Screen("call", "{call}"),
    Screen("sms-settings", "{project}numbers/sms/settings/"),
    Screen("number-settings", "{project}numbers/settings/"),
    Screen("release", "{lease}release/"),
    Screen("ordered", "{ordered}"),
    Screen("documents", "{project}numbers/documents/"),
    Screen("document-upload", "{project}numbers/documents/upload/"),
    Screen("renewals", "{project}numbers/renewals/"),
    Screen("credits", "{project}credits/"),
    Screen("history", "{project}credits/history/"),
    Screen("receipt", "{receipt}"),
    Screen("gateway", "{gateway}"),
    Screen("mailbox", "{mailbox}/", "nobody"),
    Screen("mail", "{mail}", "nobody"),
    Screen("admin-provisioning", "/admin/", "provisioning"),
    Screen("admin-billing", "/admin/", "billing"),
    Screen("desk", "/admin/numbers/order/", "provisioning"),
    Screen("desk-order", "{review}", "provisioning"),
    Screen("call-prices", "/admin/billing/callprice/", "billing"),
    Screen("barred-ranges", "/admin/numbers/barredrange/", "provisioning"),
    Screen("requirements", "/admin/numbers/regulation/", "provisioning"),
]
