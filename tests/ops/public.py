"""The environment of a public installation, for processes of their own: settings are read once, at start."""

import os
import subprocess
import sys

from cryptography.fernet import Fernet
from django.conf import settings
from django.db import connection

HOST = "portal.acme-voice.net"
ENVIRONMENT = {
    "PORTAL_ENV_FILE": os.devnull,
    "DEBUG": "0",
    "SITE_URL": f"https://{HOST}",
    "ALLOWED_HOSTS": HOST,
    "SECRET_KEY": "w8Jd0-f3kQz_7LxPv2RtYb6NcHs9GmAe4WuTi1OoKjXpVqZrD5",
    "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "SANDBOX": "0",
    "STRIPE_SECRET_KEY": "sk_live_000000000000000000000000",
    "STRIPE_API_BASE": "",
    "STRIPE_WEBHOOK_SECRETS": "whsec_00000000000000000000",
    "WEBHOOK_PRIVATE_TARGETS": "0",
    "SUPPORT_EMAIL": "support@acme-voice.net",
    "OPERATOR": "Acme Voice Ltd, 1 Example Street, Exampletown",
    "DEFAULT_FROM_EMAIL": "Acme Voice <no-reply@acme-voice.net>",
    "SIP_DOMAIN": "sip.acme-voice.net",
    "PSTN_GATEWAYS": "gw1.acme-voice.net:5060",
    "EMAIL_HOST": "smtp.acme-voice.net",
    "EMAIL_PORT": "587",
    "EMAIL_USE_TLS": "1",
    "EMAIL_DELIVERY_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "DJANGO_ALLOW_ASYNC_UNSAFE": "",  # the browser tests set it, and `check --deploy` warns of it
    "TRUSTED_PROXIES": "1",
    "ALTCHA_MAX_NUMBER": "60000",
    "STATIC_MANIFEST": "0",
    "LOG_LEVEL": "INFO",
}


def run(*command: str, **changed: str) -> subprocess.CompletedProcess[str]:
    """``python command`` as that installation, on the running test's database."""
    data = connection.settings_dict
    url = f"postgresql://{data['USER']}:{data['PASSWORD']}@{data['HOST'] or '127.0.0.1'}:{data['PORT']}/{data['NAME']}"
    if str(data["HOST"]).startswith("/"):
        url = f"postgresql://{data['USER']}@/{data['NAME']}?host={data['HOST']}"
        url += f"&port={data['PORT']}" if data["PORT"] else ""
    environment = os.environ | ENVIRONMENT | {"DATABASE_URL": url} | changed
    return subprocess.run(
        [sys.executable, *command],
        env=environment,
        cwd=settings.BASE_DIR,
        timeout=60,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
