"""Every address of a project: who may read it and who may write to it. None = the method does not exist.

A new address must be written down here; tests/access/test_every_address.py fails until it is.
"""

from projects.access import Right

VIEW, NUMBERS, CREDITS = Right.VIEW, Right.MANAGE_NUMBERS, Right.MANAGE_CREDITS
KEYS, PROJECT, OWN = Right.MANAGE_KEYS, Right.MANAGE_PROJECT, Right.OWN_PROJECT

# name: (right to read, right to write)
ROUTES: dict[str, tuple[Right | None, Right | None]] = {
    "dashboard": (VIEW, None),
    "projects:keys": (VIEW, None),
    "projects:token_reveal": (KEYS, KEYS),
    "projects:token_rotate": (KEYS, KEYS),
    "projects:token_promote": (KEYS, KEYS),
    "projects:token_revoke": (KEYS, KEYS),
    "projects:settings": (VIEW, PROJECT),
    "projects:archive": (None, OWN),
    "projects:restore": (None, OWN),
    "projects:app_users": (VIEW, None),
    "projects:app_user_suggest": (VIEW, None),
    "projects:app_user_add": (NUMBERS, NUMBERS),
    "projects:app_user": (VIEW, NUMBERS),
    "projects:app_user_activate": (None, NUMBERS),
    "projects:app_user_deactivate": (NUMBERS, NUMBERS),
    "projects:app_user_password": (NUMBERS, NUMBERS),
    "billing:credits": (VIEW, None),
    "billing:top_up": (None, CREDITS),
    "billing:opening": (CREDITS, CREDITS),
    "billing:return": (VIEW, None),
    "billing:cancelled": (VIEW, None),
    "billing:receipt": (CREDITS, None),
    "billing:history": (VIEW, None),
    "billing:history_csv": (VIEW, None),
    "numbers:api_reference": (VIEW, None),
    "numbers:overview": (VIEW, None),
    "numbers:search": (VIEW, None),
    "numbers:results": (VIEW, None),
    "numbers:buy": (NUMBERS, NUMBERS),
    "numbers:purchased": (VIEW, None),
    "numbers:lease": (VIEW, None),
    "numbers:purchased_csv": (VIEW, None),
    "numbers:rename": (None, NUMBERS),
    "numbers:retag": (None, NUMBERS),
    "numbers:release": (NUMBERS, NUMBERS),
    "numbers:undo_release": (None, NUMBERS),
    "numbers:cancel_release": (None, NUMBERS),
    "numbers:lock": (None, NUMBERS),
    "numbers:unlock": (NUMBERS, NUMBERS),
    "numbers:bulk": (None, NUMBERS),
    "numbers:bulk_release": (NUMBERS, NUMBERS),
    "numbers:bulk_unlock": (NUMBERS, NUMBERS),
    "numbers:renewals": (VIEW, None),
    "numbers:renewal_move": (None, NUMBERS),
    "numbers:route_pstn": (None, NUMBERS),
    "numbers:route_delete": (None, NUMBERS),
    "numbers:order": (VIEW, None),
    "numbers:order_answer": (None, NUMBERS),
    "numbers:order_submit": (None, NUMBERS),
    "numbers:order_cancel": (None, NUMBERS),
    "numbers:documents": (VIEW, None),
    "numbers:document_upload": (NUMBERS, NUMBERS),
    "numbers:document_checks": (VIEW, None),
    "numbers:document_check": (NUMBERS, None),
    "numbers:document_download": (NUMBERS, None),
    "numbers:document_withdraw": (None, NUMBERS),
}
