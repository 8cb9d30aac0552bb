"""All settings, read from the environment (and NAME_FILE for secrets).

Production is the default.
"""

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from environ import Env

from config import schedules
from config.admin_site import *  # noqa: F403 -- a part of these settings, moved out for length
from config.api import *  # noqa: F403 -- a part of these settings, moved out for length
from config.connections import database_from_url, refuse_demo_in_production, with_password
from config.environment import Environment, asks_for_dot_env
from config.identity import *  # noqa: F403 -- a part of these settings, moved out for length
from config.logs import logging_config
from config.queues import *  # noqa: F403 -- a part of these settings, moved out for length
from config.security import *  # noqa: F403 -- a part of these settings, moved out for length
from config.sending import *  # noqa: F403 -- a part of these settings, moved out for length
from config.variables import VARIABLES

BASE_DIR = Path(__file__).resolve().parent.parent
if asks_for_dot_env(os.environ):
    Env.read_env(BASE_DIR / ".env")
env = Environment(VARIABLES, os.environ)

DEMO = env("DEMO")
DEBUG = env("DEBUG")

# Site
SITE_URL = env("SITE_URL")
SECRET_KEY = env("SECRET_KEY")
SECRET_KEY_FALLBACKS = env("SECRET_KEY_FALLBACKS")
ADDRESS_KEY = env("ADDRESS_KEY")
JWT_SIGNING_KEY = env("JWT_SIGNING_KEY")
ALLOWED_HOSTS = [urlsplit(SITE_URL).hostname, *env("ALLOWED_HOSTS")]
DATA_DIR = Path(env("DATA_DIR") or BASE_DIR / ".data")
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
VERIFY_EMAIL_URL = env("VERIFY_EMAIL_URL")
PASSWORD_RESET_URL = env("PASSWORD_RESET_URL")
EMAIL_CHANGE_URL = env("EMAIL_CHANGE_URL")
EMAIL_UNDO_URL = env("EMAIL_UNDO_URL")
MANAGE_URL = env("MANAGE_URL")
PROBLEM_URL = env("PROBLEM_URL")
TRUSTED_PROXY_COUNT = env("TRUSTED_PROXY_COUNT")
METRICS_TOKEN = env("METRICS_TOKEN")
WEB_PROCESSES = env("WEB_PROCESSES")

INSTALLED_APPS = [
    # Basic: the site is ours.
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.import_export",
    "unfold.contrib.simple_history",
    "config.admin_apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "axes",
    "corsheaders",
    "django_celery_beat",
    "django_filters",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "import_export",
    "mptt",
    "rest_framework",
    "rest_framework_simplejwt.token_blacklist",
    "simple_history",
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
    "apps.core.request_metrics.RequestMetricsMiddleware",
    "apps.core.middleware.RequestIdMiddleware",
    "apps.core.middleware.ProblemDetailsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "apps.core.security_headers.ContentSecurityPolicyMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "axes.middleware.AxesMiddleware",
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
    "default": database_from_url(env("DATABASE_URL"), env("DATABASE_PASSWORD"))
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
DATABASE_DIRECT_URL = with_password(env("DATABASE_DIRECT_URL"), env("DATABASE_PASSWORD"))
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env("REDIS_URL")
BROKER_URL = env("BROKER_URL")
CACHE_URL = env("CACHE_URL")
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
DEFAULT_SCHEDULES = schedules.DEFAULT_SCHEDULES

# Identity
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
CORS_ALLOWED_ORIGINS = env("CORS_ALLOWED_ORIGINS")
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# Mail
MAIL_TRANSPORT = env("EMAIL_URL")
refuse_demo_in_production(demo=DEMO, site_url=SITE_URL, transport=MAIL_TRANSPORT["kind"])
ANYMAIL = {"REQUESTS_TIMEOUT": (5, 50), **MAIL_TRANSPORT.get("settings", {})}
EMAIL_FROM = env("EMAIL_FROM")
DEFAULT_FROM_EMAIL = f"Daily Challenge <{EMAIL_FROM}>"
SERVER_EMAIL = EMAIL_FROM
REPLY_TO = env("REPLY_TO")
POSTAL_ADDRESS = env("POSTAL_ADDRESS")
MAIL_DOMAIN = env("MAIL_DOMAIN") or EMAIL_FROM.rpartition("@")[2]
DKIM_SELECTOR = env("DKIM_SELECTOR")
EMAIL_MAX_PER_SECOND = env("EMAIL_MAX_PER_SECOND")
EMAIL_MAX_PER_DAY = env("EMAIL_MAX_PER_DAY")
EMAIL_CONCURRENCY = env("EMAIL_CONCURRENCY")
ANYMAIL_WEBHOOK_SECRET = env("ANYMAIL_WEBHOOK_SECRET")
INBOUND_EMAIL_DOMAIN = env("INBOUND_EMAIL_DOMAIN")
EMAIL_TIMEOUT = 20
MAILBOX_KEEP = 500

# Supply
SUPPLY_THRESHOLD_DAYS = env("SUPPLY_THRESHOLD_DAYS")
LLM_MODEL = env("LLM_MODEL")

# Security
ADMIN_OTP_REQUIRED = env("ADMIN_OTP_REQUIRED")
SECURE_TLS = SITE_URL.startswith("https://")
SECURE_SSL_REDIRECT = SECURE_TLS
SECURE_HSTS_SECONDS = 31536000 if SECURE_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_TLS
SECURE_HSTS_PRELOAD = SECURE_TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_TLS
CSRF_FAILURE_VIEW = "apps.core.middleware.csrf_failed"

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
    # Hashed names need `manage.py collectstatic`, which a look at the demo can do without.
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEMO or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEMO

# Logs
LOGGING = logging_config(env("LOG_FORMAT"))
DJANGO_STRUCTLOG_CELERY_ENABLED = False
# Reading the user here would cost the API a session look-up; authentication binds it.
DJANGO_STRUCTLOG_USER_ID_FIELD = None
# RequestIdMiddleware has judged the header by then; the client's address is for
# core.client_address to tell.
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
