from django.urls import path

from numbers.routing import settings_views, views

# Included by numbers/urls.py.
urlpatterns = [
    path("purchased/<int:lease>/route/users/", views.add_user, name="route_user_add"),
    path("purchased/<int:lease>/route/users/remove/", views.remove_user, name="route_user_remove"),
    path("purchased/<int:lease>/route/pstn/", views.set_pstn_number, name="route_pstn"),
    path("purchased/<int:lease>/route/pstn/price/", views.price, name="route_price"),
    path("purchased/<int:lease>/route/caller-id/", views.set_caller_id, name="route_caller_id"),
    path("purchased/<int:lease>/route/sip/", views.set_sip_server, name="route_sip"),
    path("purchased/<int:lease>/route/use/", views.use, name="route_use"),
    path("purchased/<int:lease>/route/delete/", views.delete, name="route_delete"),
    path("purchased/<int:lease>/route/no-answer/", views.set_no_answer, name="route_no_answer"),
    path("purchased/<int:lease>/route/block/", views.block, name="route_block"),
    path("purchased/<int:lease>/route/unblock/", views.unblock, name="route_unblock"),
    path("purchased/<int:lease>/route/restore/", views.restore, name="route_restore"),
    path("settings/", settings_views.number_settings, name="number_settings"),
    path("settings/trunk/", settings_views.set_trunk, name="trunk"),
    path("settings/trunk/delete/", settings_views.delete_trunk, name="trunk_delete"),
    path("settings/block/", settings_views.block, name="project_block"),
    path("settings/unblock/", settings_views.unblock, name="project_unblock"),
    path("settings/forwarding/", settings_views.set_forwarding, name="forwarding"),
    path("settings/spend-cap/", settings_views.set_spend_cap, name="spend_cap"),
    path("settings/restore/", settings_views.restore, name="settings_restore"),
]
