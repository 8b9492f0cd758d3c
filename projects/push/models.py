"""Push credentials: what a project gives us so that a call rings on its app's phones.

An iOS app is woken through Apple (APNs), an Android app through Google (FCM); both ask who we are on its behalf.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

SOON = timedelta(days=30)  # a certificate that expires within it is shown as such, and announced


class Platform(models.TextChoices):
    """The labels are the words of the guide (2.2.6)."""

    IOS = "ios", "iOS certificate"
    ANDROID = "android", "Android API key"


class CredentialKind(models.TextChoices):
    APNS_KEY = "apns_key", "APNs key (.p8)"
    APNS_CERTIFICATE = "apns_cert", "Push certificate"
    FCM_SERVICE_ACCOUNT = "fcm_account", "FCM service account"


class Environment(models.TextChoices):
    """Of APNs: builds from Xcode talk to *development*, TestFlight and App Store builds to *production*."""

    DEVELOPMENT = "development", "Development"
    PRODUCTION = "production", "Production"
    BOTH = "both", "Development and production"


class Validity(StrEnum):
    """The names are those of badges (``{% state %}``)."""

    VALID = "valid"
    EXPIRING = "expiring"
    EXPIRED = "expired"


_APPLE = Q(platform=Platform.IOS) & ~Q(topic="") & Q(environment__in=Environment.values, project_name="", account="")
_KEY = Q(kind=CredentialKind.APNS_KEY, expires_at__isnull=True) & ~Q(key_id="") & ~Q(team_id="")
_CERTIFICATE = Q(kind=CredentialKind.APNS_CERTIFICATE, expires_at__isnull=False, key_id="")
_GOOGLE = (
    Q(platform=Platform.ANDROID, kind=CredentialKind.FCM_SERVICE_ACCOUNT, expires_at__isnull=True)
    & Q(topic="", environment="", team_id="", voip=False)
    & ~Q(project_name="")
    & ~Q(account="")
)


class PushCredential(models.Model):
    """What a platform has now. Replacing makes a new row in place of the old one, whose secret is gone then."""

    Platform, Kind, Environment = Platform, CredentialKind, Environment

    project = models.ForeignKey(
        "projects.Project", on_delete=models.CASCADE, related_name="push_credentials", db_index=False
    )
    platform = models.CharField(max_length=7, choices=Platform)
    kind = models.CharField(max_length=11, choices=CredentialKind)
    topic = models.CharField("bundle ID", max_length=155, blank=True)  # iOS
    environment = models.CharField(max_length=11, choices=Environment, blank=True)  # iOS
    voip = models.BooleanField("VoIP pushes", default=False)  # iOS: may wake an app for a call
    team_id = models.CharField(max_length=10, blank=True)  # iOS; of a certificate only if it says so
    key_id = models.CharField(max_length=40, blank=True)  # .p8: 10 characters; FCM: the key's, 40 hex digits
    project_name = models.CharField("Firebase project", max_length=100, blank=True)  # Android
    account = models.CharField("service account", max_length=254, blank=True)  # Android
    expires_at = models.DateTimeField(null=True, blank=True)  # of certificates; keys do not expire
    # SHA-256 in hex: of the certificate, or of the public key that belongs to a key.
    fingerprint = models.CharField(max_length=64)
    sealed = models.TextField(editable=False)  # encrypted (portal.core.crypto); its form: projects.push.sealing
    uploaded_at = models.DateTimeField(default=timezone.now, editable=False)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    # 30, 7 or 1: days before expiry that were last announced; 0 when its expiry was.
    announced = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(F("project"), F("platform"), name="one_push_credential_per_platform"),
            models.CheckConstraint(condition=(_APPLE & (_KEY | _CERTIFICATE)) | _GOOGLE, name="push_credential_whole"),
            models.CheckConstraint(
                condition=Q(fingerprint__regex=r"^[0-9a-f]{64}$"), name="push_credential_fingerprint"
            ),
            models.CheckConstraint(condition=~Q(sealed=""), name="push_credential_sealed"),
        ]
        indexes = [
            models.Index(
                F("expires_at"), name="push_credential_expiry", condition=Q(expires_at__isnull=False)
            ),  # what the announcements look through
        ]

    def __str__(self) -> str:
        return self.get_platform_display()

    @property
    def name(self) -> str:
        """What it is for: the app's bundle ID, or the Firebase project."""
        return self.topic or self.project_name

    def validity(self, now: datetime) -> Validity:
        if self.expires_at is None or self.expires_at - now > SOON:
            return Validity.VALID
        return Validity.EXPIRING if self.expires_at > now else Validity.EXPIRED
