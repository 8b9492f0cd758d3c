"""Constants of ours inside SQL that is put together when a module is imported."""

import re


def literals(*values: str) -> str:
    """``'active', 'past_due'``, for ``status IN (…)``. Raises ValueError for anything but plain words."""
    if not all(re.fullmatch(r"[a-z_]*", value) for value in values):
        raise ValueError(f"Not constants of ours: {values}.")
    return ", ".join(f"'{value}'" for value in values)
