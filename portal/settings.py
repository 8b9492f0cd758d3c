"""All settings, from the environment. `.env.example` documents each variable; `portal/checks.py` refuses
unsafe ones."""

from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from django.urls import reverse_lazy
from kombu import Queue
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

from portal import beat
from portal.core import env
from portal.core.databases import database, role_of
from portal.jobs.queues import DEFAULT, QUEUES, broker_name
from portal.log_config import log_config

BASE_DIR = Path(__file__).resolve().parent.parent
env.load_file(Path(env.text("PORTAL_ENV_FILE", str(BASE_DIR / ".env"))))

# -- the installation ---------------------------------------------------------------------------------------------
DEBUG = env.flag("DEBUG")
# Whom this process serves: people, rest, carrier; or worker, or command (manage.py). Decides its time-outs.
PROCESS_CLASS = env.text("PROCESS_CLASS", "command")
SITE_NAME = env.text("SITE_NAME", "Vox Developer Portal")
SITE_URL = env.text("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
SUPPORT_EMAIL = env.text("SUPPORT_EMAIL", "support@example.test")
OPERATOR = env.text("OPERATOR", "")
SECRET_KEY = env.text("SECRET_KEY", "insecure-development-key-0000000000000000000000000000000" if DEBUG else None)
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
# Fernet keys, newest first: auth tokens and second-factor secrets are encrypted with them.
ENCRYPTION_KEYS = env.words("ENCRYPTION_KEYS", "ZGV2ZWxvcG1lbnQta2V5LWRldmVsb3BtZW50LWtleS0=" if DEBUG else "")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]" if DEBUG else "")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
# Number of proxies in front of the portal that set X-Forwarded-For; 0 = the peer address is the client.
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0)
# Demo and tests only: whether requests are sent to customers' servers on this machine and in private networks.
WEBHOOK_PRIVATE_TARGETS = env.flag("WEBHOOK_PRIVATE_TARGETS")
SIP_DOMAIN = env.text("SIP_DOMAIN", "sip.example.test")
# SIP gateways to the public telephone network, host[:port], in the order in which they are tried.
PSTN_GATEWAYS = env.words("PSTN_GATEWAYS", "gw1.example.test:5060,gw2.example.test:5060")
# Ranges that no call may be sent to, e.g. +979,+881; taken into account at once, also by routes set before.
ROUTE_BARRED_PREFIXES = env.words("ROUTE_BARRED_PREFIXES")
# Whether calls may be sent to SIP servers in private networks and on this machine. For demo, tests and closed networks.
SIP_PRIVATE_TARGETS = env.flag("SIP_PRIVATE_TARGETS")
# Whether PSTN_GATEWAYS let the original caller's number be shown to the called phone, where the customer wants it.
PSTN_ORIGINAL_CALLER = env.flag("PSTN_ORIGINAL_CALLER")
CALL_MAX_SECONDS = env.number("CALL_MAX_SECONDS", 14_400)  # a switch ends a call then, whatever the credit pays for
# What holds for a project that says nothing else, and the most that it may choose itself.
CALL_CHANNELS = env.number("CALL_CHANNELS", 10)  # calls at once
CALL_CHANNELS_MOST = env.number("CALL_CHANNELS_MOST", 100)
SPEND_CAP = env.number("SPEND_CAP", 100)  # for calls to phones, in 24 hours, in CURRENCY
SPEND_CAP_MOST = env.number("SPEND_CAP_MOST", 1000)
DEAREST_CALL_PRICE = env.number("DEAREST_CALL_PRICE", 1)  # per minute, in CURRENCY
DEAREST_CALL_PRICE_MOST = env.number("DEAREST_CALL_PRICE_MOST", 10)
USERS_PER_NUMBER = env.number("USERS_PER_NUMBER", 20)  # app users that ring together
CARRIER_ROUTE_TTL = env.number("CARRIER_ROUTE_TTL", 30)  # seconds a switch may keep a route
CARRIER_CREDENTIALS_TTL = env.number("CARRIER_CREDENTIALS_TTL", 60)  # seconds it may keep an app user's credentials
APP_USERS_PER_PROJECT = env.number("APP_USERS_PER_PROJECT", 20_000)  # active ones
# Requests to customers' servers (projects/webhooks): at once in a worker, to one URL, and of one project.
WEBHOOKS_AT_ONCE = env.number("WEBHOOKS_AT_ONCE", 200)
WEBHOOKS_PER_ENDPOINT = env.number("WEBHOOKS_PER_ENDPOINT", 10)
WEBHOOKS_PER_PROJECT = env.number("WEBHOOKS_PER_PROJECT", 50)
WEBHOOK_LOG_DAYS = env.number("WEBHOOK_LOG_DAYS", 30)  # that attempts and answers are kept
CALL_RECORD_MONTHS = env.number("CALL_RECORD_MONTHS", 18)  # whole months that calls are kept, before this one
MESSAGE_MONTHS = env.number("MESSAGE_MONTHS", 18)  # the same of messages
MESSAGE_BODY_DAYS = env.number("MESSAGE_BODY_DAYS", 30)  # then the text is cleared; 0 = it stays as long as the message
MESSAGE_PARTS_WAIT_SECONDS = env.number(
    "MESSAGE_PARTS_WAIT_SECONDS", 600
)  # for parts of a long message that are missing
# Requests a minute over the guide's REST calls; 0 = no limit. Listing and failed keys count by address.
LIST_NUMBERS_PER_MINUTE = env.number("LIST_NUMBERS_PER_MINUTE", 300)
FAILED_KEYS_PER_MINUTE = env.number("FAILED_KEYS_PER_MINUTE", 30)
PROJECT_WRITES_PER_MINUTE = env.number("PROJECT_WRITES_PER_MINUTE", 600)
EXPORTS_PER_MINUTE = env.number("EXPORTS_PER_MINUTE", 10)  # tables (CSV) a minute and person; 0 = no limit

# -- orders, documents and the life of a number ------------------------------------------------------------------------
ORDER_EXPIRY_DAYS = env.number("ORDER_EXPIRY_DAYS", 30)  # an order without its documents
REVIEW_SLA_HOURS = env.number("REVIEW_SLA_HOURS", 24)  # an order in review is late after that
DOCUMENT_ROOT = env.text("DOCUMENT_ROOT", str(BASE_DIR / "var" / "documents"))  # encrypted; not served by anything
DOCUMENT_MAX_MB = env.number("DOCUMENT_MAX_MB", 20)
DOCUMENTS_PER_PROJECT = env.number("DOCUMENTS_PER_PROJECT", 200)
DOCUMENT_RETENTION_DAYS = env.number("DOCUMENT_RETENTION_DAYS", 90)  # after the last order or number that needs it
CLAMAV_ADDRESS = env.text("CLAMAV_ADDRESS", "")  # host:port of clamd; when set, nothing is stored unless it says clean
QUARANTINE_DAYS = env.number("QUARANTINE_DAYS", 45)  # from the release of a number until it is for sale again
QUARANTINE_DAYS_BY_COUNTRY = env.words("QUARANTINE_DAYS_BY_COUNTRY")  # e.g. FR:90,DE:180
RELEASE_UNDO_DAYS = env.number("RELEASE_UNDO_DAYS", 3)
UNPAID_MAIL_DAYS = [int(day) for day in env.words("UNPAID_MAIL_DAYS", "0,3,7")]  # after a month could not be charged
SUSPEND_AFTER_DAYS = env.number("SUSPEND_AFTER_DAYS", 10)
RELEASE_AFTER_DAYS = env.number("RELEASE_AFTER_DAYS", 30)
WITHDRAW_LIMIT_PERCENT = env.number("WITHDRAW_LIMIT_PERCENT", 10)  # of a supplier, without --force
RENEWAL_BATCH = env.number("RENEWAL_BATCH", 2000)  # leases charged per transaction

INSTALLED_APPS = [
    "portal.accounts",  # before allauth and admin: its templates win
    "portal.jobs",
    "projects",
    "billing",
    "numbers.apps.NumbersConfig",
    "portal.apps.PortalConfig",
    "portal.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
    "pgtrigger",
    "allauth",
    "allauth.account",
    "allauth.usersessions",
    "django_otp",
    "django_altcha",
    "django_htmx",
    "csp",
]

MIDDLEWARE = [
    "portal.core.request_id.RequestIdMiddleware",
    "portal.core.headers.HeadersMiddleware",
    "portal.edge.health.HealthMiddleware",
    "portal.edge.process_class.ProcessClassMiddleware",
    "portal.edge.live.LiveMiddleware",
    "portal.edge.machine.MachinePathMiddleware",
    "portal.edge.errors.MalformedInputMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.accounts.middleware.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "portal.accounts.session_expiry.SessionExpiryMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.accounts.middleware.VerifiedLoginRequiredMiddleware",
    "portal.accounts.middleware.SessionActivityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.edge.errors.DomainErrorMiddleware",
    "portal.edge.errors.RefusedFormMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "portal.shell.forms.PortalFormRenderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.shell.context.site",
            ],
            "builtins": ["portal.templatetags.portal", "portal.templatetags.status"],
        },
    }
]

# -- data ---------------------------------------------------------------------------------------------------------
DATABASE_URL = env.text("DATABASE_URL", "postgresql://portal_app@127.0.0.1:5432/portal")
DATABASES = {"default": database(DATABASE_URL, PROCESS_CLASS)}
DATABASE_ROLE = str(DATABASES["default"]["USER"])  # the application: it uses tables, and cannot change one
# Who owns the tables, for `manage.py migrate` only (portal/core/roles.py); None: the application's role does.
DATABASE_OWNER = role_of(env.text("DATABASE_OWNER_URL", ""))
REDIS_URL = env.text("REDIS_URL", "redis://127.0.0.1:6379/0")
_CACHE = {
    "LOCATION": REDIS_URL,
    "KEY_PREFIX": env.text("CACHE_PREFIX", "portal"),
    # The client's default is three tries over several seconds, in every request. One more for a connection that the
    # server closed while it lay idle; none for a server that does not answer.
    "OPTIONS": {
        "socket_timeout": 1,
        "socket_connect_timeout": 1,
        "retry": Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
    },
}
CACHES = {
    # Limits, allauth's among them: while the server is away or full, each process counts alone.
    "default": {"BACKEND": "portal.core.cache.LimitsCache"} | _CACHE,
    # What all processes must agree about, or else fail: the same server, without the memory.
    "shared": {"BACKEND": "portal.core.cache.RedisCache"} | _CACHE,
}
ALTCHA_CACHE_ALIAS = "shared"  # a captcha counts once, on whichever process
SESSION_ENGINE = "portal.core.sessions"
SESSION_COOKIE_AGE = env.number("SESSION_HOURS", 12) * 3600

# -- background work ----------------------------------------------------------------------------------------------
CELERY_BROKER_URL = env.text("CELERY_BROKER_URL", REDIS_URL)
# The database holds the work and the broker only wakes workers, so a message is taken once and for all. With Celery's
# late acknowledgement kombu 5.7 puts messages back while the broker's connection breaks, fails, and ends the worker.
CELERY_TASK_ACKS_LATE = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "ack_emulation": False,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "health_check_interval": 10,
    "max_retries": 0,  # a page that queues work does not wait for a broker that is down; a sweep finds the row
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Of the tasks that beat sends; jobs have those of their queue (portal/jobs/queues.py).
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 570, 600
QUEUE_PREFIX = env.text("CELERY_QUEUE", "portal")
CELERY_TASK_DEFAULT_QUEUE = broker_name(QUEUE_PREFIX, DEFAULT)
CELERY_TASK_QUEUES = [Queue(name, routing_key=name) for name in (broker_name(QUEUE_PREFIX, each) for each in QUEUES)]
CELERY_BEAT_SCHEDULE = beat.schedule(QUEUE_PREFIX)

# -- accounts -----------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["portal.accounts.backend.AccountBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "full_name", "company")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 3600  # seconds
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = reverse_lazy("projects:list")

ACCOUNT_ADAPTER = "portal.accounts.adapter.AccountAdapter"
ACCOUNT_SIGNUP_FORM_CLASS = "portal.accounts.forms.SignupDetailsForm"
ACCOUNT_FORMS = {
    "signup": "portal.accounts.allauth_forms.SignUp",
    "login": "portal.accounts.allauth_forms.EmailLogin",
    "change_password": "portal.accounts.allauth_forms.ChangePassword",
    "reset_password": "portal.accounts.allauth_forms.ResetPassword",
    "reset_password_from_key": "portal.accounts.allauth_forms.ResetPasswordKey",
    "add_email": "portal.accounts.allauth_forms.ChangeEmail",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = False
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 2
ACCOUNT_CONFIRM_EMAIL_ON_GET = False  # mail scanners follow links; only a click on the page activates
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = False
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "portal.accounts.reset_tokens.ResetTokenGenerator"  # noqa: S105
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # this session stays; Django ends all the others
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGIN_TIMEOUT = 900
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_RATE_LIMITS = {  # what is not named here keeps allauth's limit
    "login": "30/m/ip",
    # Wrong passwords: by network; by address and network; by address; by a browser that the owner used before.
    "login_failed": "10/m/ip",
    "password_here": "5/5m/key",
    "password_anywhere": "30/15m/key",
    "password_known_browser": "10/15m/key",
    "code_here": "5/5m/key",  # wrong codes, likewise
    "code_anywhere": "20/15m/key",
    "code_known_browser": "10/15m/key",
    "signup": "20/m/ip,100/h/ip",
    "activate": "20/m/ip",
    "confirm_email": "3/m/key,10/h/key",
    "sign_in_mail": "1/m/key,4/h/key",  # the link again, for who signs in before the activation
    "resend_confirmation": "10/m/ip,60/h/ip",
    "reset_password": "20/m/ip,60/h/ip",
    "reset_password_mail": "3/m/key,6/h/key",  # a link lives an hour: the ones that came are good
    "change_phone": "5/h/user",
    "keep_form": "30/m/key",  # forms that nobody was signed in for
    "second_factor": "60/m/ip",
}
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(SITE_URL).scheme
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
USERSESSIONS_TRACK_ACTIVITY = True
OTP_TOTP_ISSUER = SITE_NAME
OTP_LOGIN_URL = LOGIN_URL
OTP_ADMIN_HIDE_SENSITIVE_DATA = True
ALTCHA_HMAC_KEY = env.text("ALTCHA_HMAC_KEY", SECRET_KEY)
ALTCHA_CHALLENGE_EXPIRE = 20 * 60 * 1000  # milliseconds
ALTCHA_JS_URL = "vendor/altcha/altcha.js"
ALTCHA_MAX_NUMBER = env.number("ALTCHA_MAX_NUMBER", 60_000)  # about two seconds of work in a browser

# -- money --------------------------------------------------------------------------------------------------------
CURRENCY = env.text("CURRENCY", "USD")
STRIPE_SECRET_KEY = env.text("STRIPE_SECRET_KEY", "")
# The sandbox gateway takes the place of Stripe; refused unless everything is on this machine (docs/adr/0004).
SANDBOX = env.flag("SANDBOX")
# The demo's switch, where an incoming call or SMS is simulated; numbers link to it. Only in a sandbox.
SANDBOX_CALLS_URL = env.text("SANDBOX_CALLS_URL", "") if SANDBOX else ""
STRIPE_API_BASE = env.text("STRIPE_API_BASE", "").rstrip("/")  # only for the sandbox gateway
STRIPE_WEBHOOK_SECRETS = env.words("STRIPE_WEBHOOK_SECRETS")  # several while a secret is being rotated
TOP_UP_MINIMUM = Decimal(env.text("TOP_UP_MINIMUM", "5.00"))
TOP_UP_MAXIMUM = Decimal(env.text("TOP_UP_MAXIMUM", "10000.00"))
TERMS_VERSION = "2026-11"
REFUND_POLICY_VERSION = "2026-11"
PRIVACY_VERSION = "2026-11"

# -- mail ---------------------------------------------------------------------------------------------------------
EMAIL_BACKEND = "portal.jobs.mail.OutboxEmailBackend"  # a row first; a worker delivers it
EMAIL_DELIVERY_BACKEND = env.text("EMAIL_DELIVERY_BACKEND", "portal.jobs.smtp.EmailBackend")
EMAIL_HOST, EMAIL_PORT = env.text("EMAIL_HOST", "127.0.0.1"), env.number("EMAIL_PORT", 25)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_USER", ""), env.text("EMAIL_HOST_PASSWORD", "")
# TLS from the first byte (port 465), or after STARTTLS (port 587): one of the two.
EMAIL_USE_SSL, EMAIL_USE_TLS = env.flag("EMAIL_USE_SSL"), env.flag("EMAIL_USE_TLS")
EMAIL_TIMEOUT = env.number("EMAIL_TIMEOUT", 5)  # seconds, for the delivery of one mail as a whole
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"{SITE_NAME} <no-reply@example.test>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# -- web ----------------------------------------------------------------------------------------------------------
HTTPS = SITE_URL.startswith("https://")
SECURE_SSL_REDIRECT = False  # the proxy's business; portal/checks.py demands an https SITE_URL in production
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = 365 * 86400 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
# A browser takes such a cookie only over https, for this host alone: no neighbour below the same domain can plant one.
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid", f"{COOKIE_PREFIX}csrftoken"
MESSAGE_STORAGE = "portal.core.flash.Storage"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "portal.edge.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "font-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'"],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        # Chrome applies it to redirects that follow a form, too: the way to the payment page is a link, not a redirect.
        "form-action": ["'self'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 10
# Files stay in memory, and only so much of them as a document may have; none is ever written to a disk in clear.
FILE_UPLOAD_HANDLERS = ["numbers.documents.upload_handler.MemoryUploadHandler"]
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.text("STATIC_ROOT", str(BASE_DIR / "staticfiles"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "documents": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DOCUMENT_ROOT, "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if env.flag("STATIC_MANIFEST", not DEBUG)
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
LANGUAGE_CODE, TIME_ZONE, USE_TZ, USE_I18N = "en", "UTC", True, False
FORMAT_MODULE_PATH = "portal.formats"
# W008: the proxy redirects to https. W005, W021: the other hosts below the domain are not ours to promise https for.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]

# -- logs ---------------------------------------------------------------------------------------------------------
LOG_LEVEL = env.text("LOG_LEVEL", "INFO")
LOGGING = log_config(LOG_LEVEL)
