from django.urls import path

from numbers.messaging import default_views, log_views, panel_views, sms_settings_views

# Included by numbers/urls.py.
urlpatterns = [
    path("purchased/<int:lease>/messaging/", panel_views.row, name="messaging"),
    path("purchased/<int:lease>/messaging/url/", panel_views.update, name="messaging_url"),
    path("purchased/<int:lease>/messaging/remove/", panel_views.remove, name="messaging_remove"),
    path("purchased/<int:lease>/messaging/test/", panel_views.test, name="messaging_test"),
    path("purchased/<int:lease>/messaging/restore/", panel_views.restore, name="messaging_restore"),
    path("settings/messaging/", default_views.upload, name="messaging_default"),
    path("settings/messaging/delete/", default_views.delete, name="messaging_default_delete"),
    path("settings/messaging/test/", default_views.test, name="messaging_default_test"),
    path("settings/messaging/restore/", default_views.restore, name="messaging_default_restore"),
    path("sms/logs/", log_views.logs, name="sms_logs"),
    path("sms/logs/messages.csv", log_views.logs_csv, name="sms_logs_csv"),
    path("sms/logs/redeliver/", log_views.redeliver_all, name="messages_redeliver"),
    path("sms/logs/<uuid:message_id>/", log_views.message, name="message"),
    path("sms/logs/<uuid:message_id>/redeliver/", log_views.redeliver, name="message_redeliver"),
    path("sms/settings/", sms_settings_views.sms_settings, name="sms_settings"),
]
