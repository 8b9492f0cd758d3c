"""What the demo prints when it is ready."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox import totp


def lines(facts: Mapping[str, Any], *, seconds: float, file: Path, logs: Path) -> list[str]:
    """Addresses, people and keys of ``facts`` (what ``var/demo.json`` holds), for a person who wants to look around."""
    text = [f"The portal is ready after {seconds:.0f} s: {facts['url']}", ""]
    for role in ("customer", "provisioning", "billing"):
        person = facts[role]
        text += [
            f"{role:<13} {person['email']}",
            f"              password  {person['password']}",
            f"              authenticator secret {person['totp_secret']}, code now {totp.code(person['totp_secret'])}",
        ]
    text += ["", f"project ID    {facts['project']['id']}", f"auth token    {facts['project']['token']}"]
    if switch := facts.get("switch"):
        text += [f"switch        {switch['id']} : {switch['secret']}"]
    text += [
        f"mailbox       {facts['mailbox_url']}",
        f"gateway       {facts['gateway_url']}",
        f"carrier       {facts['carrier_url']}   (for switches, without the front)",
        f"calls         {facts['switch_url']}   (simulate an incoming call)",
        f"messages      {facts['switch_url']}/sms   (simulate an incoming SMS)",
        f"receiver      {facts['receiver_url']}   (a customer's server: what it gets, how it answers)",
        f"staff desk    {facts['url']}/admin/   (provisioning, billing)",
        "",
        f"For programs: {file}.  Logs: {logs}.  Ctrl-C stops everything.",
    ]
    return text
