"""Messages for the next page, in a cookie that has the prefix of all our cookies; what is too long, in the session.

They stay until they are dismissed; one with ``extra_tags=BRIEF`` repeats what the page shows, and goes by itself.
"""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage

BRIEF = "brief"


class PrefixedCookieStorage(CookieStorage):
    cookie_name = f"{settings.COOKIE_PREFIX}{CookieStorage.cookie_name}"


class Storage(FallbackStorage):
    storage_classes = (PrefixedCookieStorage, SessionStorage)
