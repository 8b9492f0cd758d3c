"""The "Developer Tools" navigation as data. An entry appears when its page exists; none leads nowhere."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.urls import reverse

from projects.access import Right


@dataclass(frozen=True)
class Entry:
    """One line of the navigation. ``also`` names further pages that belong to the entry."""

    label: str
    icon: str
    url_name: str = ""  # empty for a heading that only holds children
    right: Right = Right.VIEW
    also: tuple[str, ...] = ()
    children: tuple["Entry", ...] = ()


@dataclass(frozen=True)
class Link:
    """An entry made out for one project, one person and one page."""

    label: str
    icon: str
    url: str = ""
    current: bool = False  # this very page
    active: bool = False  # this page or one that belongs to it
    children: list["Link"] = field(default_factory=list)


NAVIGATION = (
    Entry(
        "Dashboard",
        "layout-dashboard",
        "dashboard",
        also=("projects:push", "projects:push_upload", "projects:push_remove"),
    ),
    Entry(
        "Numbers",
        "phone",
        children=(
            Entry("Overview", "chart-bar", "numbers:overview"),
            Entry("Buy a new Number", "shopping-cart-plus", "numbers:search", also=("numbers:results", "numbers:buy")),
            Entry(
                "Purchased Numbers",
                "list-details",
                "numbers:purchased",
                also=(
                    "numbers:purchased_csv",
                    "numbers:bulk",
                    "numbers:bulk_release",
                    "numbers:bulk_unlock",
                    "numbers:retag",
                    "numbers:release",
                    "numbers:undo_release",
                    "numbers:cancel_release",
                    "numbers:lock",
                    "numbers:unlock",
                    "numbers:lease",
                    "numbers:rename",
                    "numbers:simulator",
                    "numbers:route",
                    "numbers:route_user_add",
                    "numbers:route_user_remove",
                    "numbers:route_pstn",
                    "numbers:route_price",
                    "numbers:route_caller_id",
                    "numbers:route_sip",
                    "numbers:route_use",
                    "numbers:route_delete",
                    "numbers:route_no_answer",
                    "numbers:route_block",
                    "numbers:route_unblock",
                    "numbers:route_restore",
                    "numbers:messaging",
                    "numbers:messaging_url",
                    "numbers:messaging_remove",
                    "numbers:messaging_test",
                    "numbers:messaging_restore",
                    "numbers:routing_file",
                    "numbers:routing_export",
                    "numbers:routing_import",
                    "numbers:routing_import_progress",
                    "numbers:routing_import_report",
                    "numbers:routing_import_apply",
                    "numbers:routing_import_delete",
                    "numbers:order",
                    "numbers:order_answer",
                    "numbers:order_submit",
                    "numbers:order_cancel",
                ),
            ),
            Entry("Calls", "phone-call", "numbers:calls", also=("numbers:calls_csv", "numbers:call")),
            Entry(
                "Documents to upload",
                "file-certificate",
                "numbers:documents",
                also=(
                    "numbers:document_upload",
                    "numbers:document_download",
                    "numbers:document_withdraw",
                    "numbers:document_check",
                    "numbers:document_checks",
                ),
            ),
            Entry(
                "Number Settings",
                "adjustments-horizontal",
                "numbers:number_settings",
                also=(
                    "numbers:trunk",
                    "numbers:trunk_delete",
                    "numbers:project_block",
                    "numbers:project_unblock",
                    "numbers:forwarding",
                    "numbers:spend_cap",
                    "numbers:settings_restore",
                    "numbers:messaging_default",
                    "numbers:messaging_default_delete",
                    "numbers:messaging_default_test",
                    "numbers:messaging_default_restore",
                ),
            ),
            Entry("Renewal order", "sort-descending", "numbers:renewals", also=("numbers:renewal_move",)),
        ),
    ),
    Entry(
        "SMS",
        "message",
        children=(
            Entry("Settings", "settings", "numbers:sms_settings"),
            Entry(
                "Logs",
                "list-details",
                "numbers:sms_logs",
                also=(
                    "numbers:sms_logs_csv",
                    "numbers:messages_redeliver",
                    "numbers:message",
                    "numbers:message_redeliver",
                ),
            ),
        ),
    ),
    Entry(
        "App users",
        "users",
        "projects:app_users",
        also=(
            "projects:app_user_suggest",
            "projects:app_user_add",
            "projects:app_user",
            "projects:app_user_activate",
            "projects:app_user_deactivate",
            "projects:app_user_password",
            "projects:app_user_import_file",
            "projects:app_user_import_template",
            "projects:app_user_import",
            "projects:app_user_import_progress",
            "projects:app_user_import_report",
            "projects:app_user_import_passwords",
            "projects:app_user_import_delete",
        ),
    ),
    Entry(
        "Credits",
        "wallet",
        "billing:credits",
        also=(
            "billing:history",
            "billing:top_up",
            "billing:opening",
            "billing:return",
            "billing:receipt",
            "billing:cancelled",
            "billing:history_csv",
        ),
    ),
    Entry(
        "Keys",
        "key",
        "projects:keys",
        also=("projects:token_reveal", "projects:token_rotate", "projects:token_promote", "projects:token_revoke"),
    ),
    Entry(
        "Webhooks",
        "webhook",
        "projects:webhooks",
        also=(
            "projects:webhook_secret_reveal",
            "projects:webhook_secret_rotate",
            "projects:webhook_secret_end",
            "projects:webhook_switch_on",
            "projects:webhook_events",
            "projects:webhook_event_url",
            "projects:webhook_event_test",
            "projects:webhook_delivery",
        ),
    ),
    Entry("API reference", "code", "numbers:api_reference"),
    Entry("Settings", "settings", "projects:settings", also=("projects:archive", "projects:restore")),
)


def entries() -> Iterator[Entry]:
    """Every entry that leads to a page."""
    for entry in NAVIGATION:
        yield from (each for each in (entry, *entry.children) if each.url_name)


def links(*, pid: str, rights: frozenset[Right], view_name: str) -> list[Link]:
    """The navigation of project ``pid`` for somebody with ``rights`` who looks at ``view_name``."""
    return list(_links(NAVIGATION, pid, rights, view_name))


def _links(found: tuple[Entry, ...], pid: str, rights: frozenset[Right], view_name: str) -> Iterator[Link]:
    for entry in found:
        if entry.right not in rights:
            continue
        children = list(_links(entry.children, pid, rights, view_name))
        if not entry.url_name and not children:
            continue
        url = reverse(entry.url_name, args=[pid]) if entry.url_name else ""
        here = bool(view_name) and view_name == entry.url_name
        active = here or view_name in entry.also or any(child.active for child in children)
        yield Link(entry.label, entry.icon, url, here, active, children)


def counterpart(*, pid: str, rights: frozenset[Right], view_name: str) -> str:
    """The address in project ``pid`` of the page that is being looked at, or of its dashboard."""
    for entry in entries():
        if view_name and view_name in (entry.url_name, *entry.also) and entry.right in rights:
            return reverse(entry.url_name, args=[pid])
    return reverse("dashboard", args=[pid])
