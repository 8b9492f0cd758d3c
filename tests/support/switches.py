"""Switches, which ask where a call goes."""

from numbers.carrier import credentials


def switch_secret() -> str:
    """What a new switch signs its requests with; it may ask for routes."""
    return credentials.create(switch_id="sw1", scopes=["routes"])[1]
