"""App users: the people of a project's app, on whose devices a call to a number rings."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

# The user part of a SIP address (RFC 3261, section 25.1: unreserved and user-unreserved) without escapes and the
# apostrophe, which no header of a route may hold; in lower case, because people do not type case alike.
USERNAME = r"[a-z0-9\-_.!~*()&=+$,;?/]{1,64}"


class AppUser(models.Model):
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="app_users", db_index=False)
    username = models.CharField("App Username/Login ID", max_length=64, db_collation="C")
    display_name = models.CharField(max_length=80, blank=True)
    is_active = models.BooleanField(default=True)  # an inactive one neither registers nor rings
    deactivated_at = models.DateTimeField(null=True, blank=True)
    sip_password = models.TextField(editable=False)  # encrypted (portal.core.crypto): HA1 follows the SIP domain
    password_set_at = models.DateTimeField(default=timezone.now, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["username"]
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
