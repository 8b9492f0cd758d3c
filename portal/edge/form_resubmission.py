"""A form that met an outage can be sent again as it was: what somebody typed is not lost."""

import re

from django.http import HttpRequest

MOST_FIELDS, MOST_CHARACTERS = 100, 20_000
# Secrets do not travel back into a page. Forms that have one are short; the browser's way back keeps the rest.
_SECRET = re.compile(r"passw|secret|code|otp|captcha")


def resubmittable_fields(request: HttpRequest) -> list[tuple[str, str]] | None:
    """Name and value of everything in the form, its CSRF token included; None when it cannot be offered again.

    The token is the one that came: whoever forged the form has none that will do.
    """
    if request.method != "POST" or request.FILES:
        return None
    found = [(name, value) for name, values in request.POST.lists() for value in values]
    if len(found) > MOST_FIELDS or sum(len(name) + len(value) for name, value in found) > MOST_CHARACTERS:
        return None
    return None if any(_SECRET.search(name.lower()) for name, _ in found) else found
