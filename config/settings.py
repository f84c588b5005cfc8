"""One settings file; what differs between installations is read from the environment.

`config.embedded.provide` (called by manage.py) has put DATABASE_URL and REDIS_URL into the
environment before this file is read; here nobody knows where they come from.
"""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from config.secrets import secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("VAR_DIR", BASE_DIR / "var")).resolve()

# Set by the demo and test commands only: sign-in by link, the mail catcher, BRAVO_NOW.
DEMO = os.environ.get("BRAVO_DEMO") == "1"
DEBUG = os.environ.get("DEBUG") == "1"
SECRET_KEY = secret_key(VAR_DIR)
SECRET_KEY_FALLBACKS = os.environ.get("SECRET_KEY_FALLBACKS", "").split()

PORT = int(os.environ.get("PORT", "8000"))
PORTAL_URL = os.environ.get("PORTAL_URL", f"http://localhost:{PORT}")
CONSOLE_URL = os.environ.get("CONSOLE_URL", PORTAL_URL)
_OWN_URLS = [PORTAL_URL, CONSOLE_URL, *os.environ.get("EXTRA_URLS", "").split()]
ALLOWED_HOSTS = sorted({urlsplit(url).hostname or "localhost" for url in _OWN_URLS} | {"127.0.0.1"})
CSRF_TRUSTED_ORIGINS = sorted(set(_OWN_URLS))
SECURE = PORTAL_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"

INSTALLED_APPS = [
    "config.theme",  # before unfold: its few overrides
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "config.apps.ConsoleConfig",  # django.contrib.admin with our site
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.sitemaps",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "csp",
    "crm",
    "chat",
    "tickets",
    "selfcare",
    "config.apps.RootConfig",
]
if DEMO:
    INSTALLED_APPS.append("config.catcher")

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.parsers.StorableAddress",
    "config.middleware.StaffSecondFactor",
    "config.middleware.Acting",
    "config.middleware.Rush",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "config.context.installation",
            ],
        },
    },
]


def _database(url: str) -> dict:
    """postgres://user:password@host:port/name?host=/socket/dir → Django's DATABASES entry."""
    parts = urlsplit(url)
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if pair)
    entry: dict = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.pop("host", "") or parts.hostname or ""),
        "PORT": parts.port or "",
        "CONN_MAX_AGE": 0,
        # Without a threshold Django's backend forbids prepared statements. Ours
        # (crm.services.prepared) are written so that one plan is right whatever the values; and
        # a page read out of order costs little on flash.
        "OPTIONS": {
            "prepare_threshold": 5,
            "options": "-c plan_cache_mode=force_generic_plan -c random_page_cost=1.1",
            **query,
        },
    }
    # Only the web server has many threads; a pool must not cross a worker's fork.
    if os.environ.get("DB_POOL") == "1":
        # whoever finds all taken waits: in a rush that is better than being sent away
        entry["OPTIONS"]["pool"] = {"min_size": 2, "max_size": 20, "timeout": 30}
    return entry


DATABASE_URL = os.environ.get("DATABASE_URL", "postgres:///bravo")
DATABASES = {"default": _database(DATABASE_URL)}
# Migrations may run as another role, so that the application's cannot rewrite the audit trail:
# `manage.py migrate --database owner` (docs/operations.md).
if _owner := os.environ.get("DATABASE_OWNER_URL"):
    DATABASES["owner"] = _database(_owner)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
# Hints only: config.cache fails open when Redis is away. Sessions stay in PostgreSQL.
CACHES = {"default": {"BACKEND": "config.cache.OpenRedisCache", "LOCATION": REDIS_URL}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"


def _broker(url: str) -> str:
    """Celery spells Redis' Unix socket its own way."""
    if not url.startswith("unix://"):
        return url
    path, _query, query = url.removeprefix("unix://").partition("?")
    number = dict(pair.split("=", 1) for pair in query.split("&") if pair).get("db", "0")
    return f"redis+socket://{path}?virtual_host={number}"


CELERY_BROKER_URL = _broker(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 270
CELERY_TASK_DEFAULT_QUEUE = "slow"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Publishing a task never delays a request: one quick try, the sweep does the rest.
CELERY_TASK_PUBLISH_RETRY = False
# (By default the transport itself tries again for six seconds.)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 0.2,
    "socket_timeout": 5,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}

AUTH_USER_MODEL = "crm.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
CSRF_FAILURE_VIEW = "config.doors.csrf_failed"
ACCOUNT_ADAPTER = "config.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_FORMS = {"login": "config.signing_in.SignInForm"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {"add_webauthn": "config.passkeys.AddPasskey"}
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
FORMAT_MODULE_PATH = "config.formats"
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
TIME_ZONE = os.environ.get("TIME_ZONE", "Europe/Paris")
USE_TZ = True
DEFAULT_PHONE_REGION = os.environ.get("DEFAULT_PHONE_REGION", "FR")

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
MEDIA_ROOT = VAR_DIR / "media"
# Files and mails as they came: in MEDIA_ROOT, or in a bucket (the extra `s3`).
_BUCKET = {
    "BACKEND": "storages.backends.s3.S3Storage",
    "OPTIONS": {
        "bucket_name": os.environ.get("S3_BUCKET", ""),
        "endpoint_url": os.environ.get("S3_ENDPOINT") or None,  # empty: Amazon's
        "region_name": os.environ.get("S3_REGION") or None,
        "default_acl": None,
        "file_overwrite": False,
    },
}
STORAGES = {
    "default": _BUCKET
    if os.environ.get("S3_BUCKET")
    else {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.static.ModuleManifestStorage"},
}

# A ClamAV daemon that looks at files both ways: tcp://host:3310 or unix:///run/clamav/clamd.ctl.
CLAMD = os.environ.get("CLAMD", "")
# Outgoing mail leaves from the outbox only (tickets/mail/send.py).
SMTP_URL = os.environ.get("SMTP_URL", "smtp://127.0.0.1:25")
# Instead of SMTP, a provider's API: one of django-anymail's backends, for example
# "anymail.backends.mailgun.EmailBackend", with its settings in ANYMAIL_… (docs/operations.md).
MAIL_PROVIDER = os.environ.get("MAIL_PROVIDER", "")
ANYMAIL = {
    name.removeprefix("ANYMAIL_"): value
    for name, value in os.environ.items()
    if name.startswith("ANYMAIL_")
}
# Whether links to other people's sites are tried; ours always are.
CHECK_OTHER_SITES = os.environ.get("CHECK_OTHER_SITES", "0" if DEMO else "1") == "1"
# The name customers know the company by.
BRAND = os.environ.get("BRAND", "Lumio")
MAIL_FROM = os.environ.get("MAIL_FROM", "Bravo <bonjour@lumio.example>")
MAIL_LISTEN = os.environ.get("MAIL_LISTEN", "127.0.0.1:2525")
MAIL_LMTP = os.environ.get("MAIL_LMTP", "")

# Visitors' sockets that one address may open in a minute: a household has several tabs, a company
# behind one address has many people.
SOCKETS_A_MINUTE = int(os.environ.get("SOCKETS_A_MINUTE", "60"))

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src-elem": [SELF, NONCE],
        "style-src-attr": [NONE],  # the console relaxes this one: unfold's widths
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "object-src": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["config.permissions.StaffModelPermissions"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "config.pagination.KeyPagination",
    "DEFAULT_FILTER_BACKENDS": ["config.filters.Filters"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.parsers.JSONParser"],
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Bravo",
    "DESCRIPTION": "Customers, interactions and self-care, for the systems around the console.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "HardKindEnum": "crm.models.hard_moment.Hard",
        "CallOutcomeEnum": "selfcare.models.CallbackAttempt.Outcome",
        "LanguageEnum": "selfcare.models.article.LANGUAGES",
        "OutcomeEnum": "crm.models.Interaction.Outcome",
        "VersionStateEnum": "selfcare.models.Version.State",
    },
    "SERVE_PERMISSIONS": ["config.permissions.IsStaff"],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
}
