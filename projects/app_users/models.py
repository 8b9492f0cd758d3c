"""App users: the people of a project's app, on whose devices a call to a number rings."""

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils import timezone

USERNAME_LENGTH, DISPLAY_NAME_LENGTH = 64, 80
# The user part of a SIP address (RFC 3261, section 25.1: unreserved and user-unreserved) without escapes and the
# apostrophe, which no header of a route may hold; in lower case, because people do not type case alike. Of signs alone
# it would not survive as a part of an address ("..").
SIGNS = "-_.!~*()&=+$,;?/"
_ANY = r"[a-z0-9\-_.!~*()&=+$,;?/]*"
USERNAME = rf"{_ANY}[a-z0-9]{_ANY}"


class AppUser(models.Model):
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="app_users", db_index=False)
    username = models.CharField("App Username/Login ID", max_length=USERNAME_LENGTH, db_collation="C")
    display_name = models.CharField(max_length=DISPLAY_NAME_LENGTH, blank=True)
    is_active = models.BooleanField(default=True)  # an inactive one neither registers nor rings
    deactivated_at = models.DateTimeField(null=True, blank=True)
    sip_password = models.TextField(editable=False)  # encrypted (portal.core.crypto): see decision 29
    password_set_at = models.DateTimeField(default=timezone.now, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # The form token of the page that added it: a double click adds once, and shows the same password twice.
    creation_key = models.UUIDField(null=True, editable=False)

    class Meta:
        ordering = ["username"]
        indexes = [  # for the look-ahead; by username it goes by one_app_user_per_username
            models.Index(
                F("project"),
                OpClass(Upper("display_name"), name="text_pattern_ops"),
                name="app_user_display_name_prefix",
            ),
        ]
        constraints = [
            models.UniqueConstraint(F("project"), F("username"), name="one_app_user_per_username"),
            models.CheckConstraint(condition=Q(username__regex=rf"^{USERNAME}$"), name="app_user_username"),
            models.CheckConstraint(
                condition=Q(is_active=True, deactivated_at__isnull=True)
                | Q(is_active=False, deactivated_at__isnull=False),
                name="app_user_deactivated_at",
            ),
        ]

    def __str__(self) -> str:
        return self.username
