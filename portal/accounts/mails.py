"""Mails about accounts, with or without a request: ``templates/account/email/<name>_…`` on the mail layout."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from portal.core.text import one_line
from portal.jobs.mail import brand

FOLDER = "account/email"


def on_site(url: str) -> str:
    """The same address on SITE_URL, whatever host it named or none."""
    site, parts = urlsplit(settings.SITE_URL), urlsplit(url)
    return urlunsplit((site.scheme, site.netloc, parts.path, parts.query, ""))


def send(name: str, *, to: str, **context: Any) -> None:
    """With the caller's transaction. What ends in ``_url`` becomes a link on SITE_URL; the template knows ``email``."""
    links = {key: on_site(value) for key, value in context.items() if key.endswith("_url")}
    full = {"email": to} | context | links | brand()
    subject = one_line(render_to_string(f"{FOLDER}/{name}_subject.txt", full))
    text = render_to_string(f"{FOLDER}/{name}_message.txt", full).strip()
    message = EmailMultiAlternatives(subject, text, settings.DEFAULT_FROM_EMAIL, [to])
    message.attach_alternative(render_to_string(f"{FOLDER}/{name}_message.html", full).strip(), "text/html")
    message.send()
