"""All settings, read from the environment (and NAME_FILE for secrets).

Production is the default.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from config.api import *  # noqa: F403 -- a part of these settings, moved out for length
from config.connections import (
    database_from_url,
    mail_transport_from_url,
    refuse_demo_in_production,
)
from config.logs import logging_config
from config.queues import *  # noqa: F403 -- a part of these settings, moved out for length
from config.schedules import DEFAULT_SCHEDULES  # noqa: F401 -- read as a setting by core.schedules

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()
if env.bool("READ_DOT_ENV", True):
    environ.FileAwareEnv.read_env(BASE_DIR / ".env")

DEMO = env.bool("DEMO", False)
DEBUG = env.bool("DEBUG", False)


def required(name: str, demo: str) -> str:
    """A setting without which production refuses to start; `demo` stands in under DEMO."""
    value: str = env.str(name, demo if DEMO else "").strip()
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set. Set it, or {name}_FILE, in the environment."
        )
    return value


# Site
PORT = env.int("PORT", 8000)
SITE_URL = required("SITE_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
SECRET_KEY = required("SECRET_KEY", "demo-only-" + "0" * 50)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
JWT_SIGNING_KEY = required("JWT_SIGNING_KEY", "demo-only-jwt-" + "1" * 50)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"] if DEMO else [])
DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / ".data")))
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
VERIFY_EMAIL_URL = env.str("VERIFY_EMAIL_URL", f"{SITE_URL}/verify-email/#{{token}}")
PASSWORD_RESET_URL = env.str("PASSWORD_RESET_URL", f"{SITE_URL}/reset-password/#{{token}}")
EMAIL_CHANGE_URL = env.str("EMAIL_CHANGE_URL", f"{SITE_URL}/confirm-email/#{{token}}")
EMAIL_UNDO_URL = env.str("EMAIL_UNDO_URL", f"{SITE_URL}/undo-email-change/#{{token}}")
MANAGE_URL = env.str("MANAGE_URL", f"{SITE_URL}/manage/{{token}}/")
PROBLEM_URL = env.str("PROBLEM_URL", f"{SITE_URL}/problems/{{slug}}/")
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 0)
METRICS_TOKEN = env.str("METRICS_TOKEN", "").strip()
# All web processes of all machines together: while the shared counters are away, each grants only
# its share.
WEB_PROCESSES = max(1, env.int("WEB_PROCESSES", env.int("WEB_CONCURRENCY", 2)))

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "corsheaders",
    "django_celery_beat",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "mptt",
    "rest_framework",
    "rest_framework_simplejwt.token_blacklist",
    "anymail",
    "django_structlog",
    "apps.core",
    "apps.mail",
    "apps.accounts",
    "apps.tags",
    "apps.problems",
    "apps.notifications",
    "apps.content",
    "apps.pages",
]
MIDDLEWARE = [
    "apps.core.middleware.RequestIdMiddleware",
    "apps.core.middleware.ProblemDetailsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
]
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
            ]
        },
    }
]

# Data
DATABASES = {
    "default": database_from_url(required("DATABASE_URL", ""))
    | {
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
DATABASES["default"]["OPTIONS"] = {
    "connect_timeout": 5,
    "application_name": "daily-challenge",
    # Milliseconds: what takes longer is a fault to see, not to wait for. Compiling never pays here.
    "options": (
        "-c statement_timeout=60000 -c lock_timeout=10000 "
        "-c idle_in_transaction_session_timeout=60000 -c jit=off"
    ),
    **DATABASES["default"]["OPTIONS"],
}
DATABASE_DIRECT_URL = env.str("DATABASE_DIRECT_URL", "").strip()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = required("REDIS_URL", "").rstrip("/")
BROKER_URL = env.str("BROKER_URL", f"{REDIS_URL}/0").strip()
CACHE_URL = env.str("CACHE_URL", f"{REDIS_URL}/1").strip()
CACHES = {
    "default": {
        "BACKEND": "apps.core.fallback_cache.FallbackRedisCache",
        "LOCATION": CACHE_URL,
        "KEY_PREFIX": "dc",
        # Seconds. A request never waits longer than this for the cache.
        "OPTIONS": {"socket_timeout": 0.2, "socket_connect_timeout": 0.2},
    }
}

CELERY_BROKER_URL = BROKER_URL

# Identity
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "display_name")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
SIMPLE_JWT = {
    "SIGNING_KEY": JWT_SIGNING_KEY,
    "ALGORITHM": "HS256",
    "ISSUER": SITE_URL,
    "AUDIENCE": "daily-challenge-api",
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=10),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=14),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    "UPDATE_LAST_LOGIN": False,
    "CHECK_REVOKE_TOKEN": False,
}

# API
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# Mail
MAIL_TRANSPORT = mail_transport_from_url(required("EMAIL_URL", "mailbox://"))
refuse_demo_in_production(demo=DEMO, site_url=SITE_URL, transport=MAIL_TRANSPORT["kind"])
ANYMAIL = {"REQUESTS_TIMEOUT": (5, 50), **MAIL_TRANSPORT.get("settings", {})}
EMAIL_FROM = required("EMAIL_FROM", "challenge@example.org")
DEFAULT_FROM_EMAIL = f"Daily Challenge <{EMAIL_FROM}>"
SERVER_EMAIL = EMAIL_FROM
REPLY_TO = required("REPLY_TO", "editor@example.org")
POSTAL_ADDRESS = required("POSTAL_ADDRESS", "Daily Challenge, 1 Example Street, 00000 Exampletown")
MAIL_DOMAIN = env.str("MAIL_DOMAIN", EMAIL_FROM.rpartition("@")[2])
EMAIL_CONCURRENCY = env.int("EMAIL_CONCURRENCY", 2)
EMAIL_TIMEOUT = 20
MAILBOX_KEEP = 500

# Security
SECURE_TLS = SITE_URL.startswith("https://")
SECURE_SSL_REDIRECT = SECURE_TLS
SECURE_REDIRECT_EXEMPT = [r"^api/health/"]
SECURE_HSTS_SECONDS = 31536000 if SECURE_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_TLS
SECURE_HSTS_PRELOAD = SECURE_TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_TLS
CSRF_FAILURE_VIEW = "apps.core.middleware.csrf_failed"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: [] for name in ("camera", "geolocation", "microphone", "payment", "usb")
}
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ["/admin/"],
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
    },
}

# Look and language
LANGUAGE_CODE = "en-gb"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "templates" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEMO
UNFOLD = {
    "SITE_TITLE": "Daily Challenge",
    "SITE_HEADER": "Daily Challenge",
    "SITE_SUBHEADER": "Curators' desk",
    "SITE_URL": "/",
    "SITE_SYMBOL": "local_library",
    "SIDEBAR": {"show_search": True},
}

# Logs
LOG_FORMAT = env.str("LOG_FORMAT", "readable" if DEMO or DEBUG else "json")
LOGGING = logging_config(LOG_FORMAT)
DJANGO_STRUCTLOG_CELERY_ENABLED = False
# Reading the user here would cost the API a session look-up; authentication binds it.
DJANGO_STRUCTLOG_USER_ID_FIELD = None
# RequestIdMiddleware has judged the header by then; the client's address is core.client_address's to tell.
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
