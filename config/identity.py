"""Who may sign in, how passwords are judged, and what happens after failures: constants of
config.settings.
"""

from datetime import timedelta
from typing import Any

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    # Asked first: it lets nobody in, and turns away who is locked out.
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
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

# Ten failed sign-ins of one person from one place, or from one place at all, close both doors
# there for a quarter of an hour. By person alone, anybody could lock anybody out.
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS: list[str | list[str]] = [["username", "ip_address"], "ip_address"]
AXES_HANDLER = "apps.accounts.lockout.Handler"
AXES_USERNAME_CALLABLE = "apps.accounts.lockout.username_of"
AXES_CLIENT_IP_CALLABLE = "apps.core.client_address.address_to_store"
AXES_LOCKOUT_CALLABLE = "apps.accounts.lockout.answer"
# Whoever goes on trying does not make it longer, and fills no table.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
# Everybody's failures at a place would be forgotten with the first success there.
AXES_RESET_ON_SUCCESS = False
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = ["username", "email", "ip_address", "code", "csrfmiddlewaretoken"]

OTP_TOTP_ISSUER = "Daily Challenge"
