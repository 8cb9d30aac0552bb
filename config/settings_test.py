"""Settings of the test run: the production ones with cheap passwords and secrets that are none.

DATABASE_URL and REDIS_URL come from the test session's own embedded servers (tests/conftest.py).
"""

import os

_FOR_TESTS = {
    "READ_DOT_ENV": "0",
    # Nobody listens there: mypy and the like only need to import the settings.
    "DATABASE_URL": "postgresql://127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1",
    "SITE_URL": "https://challenge.example",
    "SECRET_KEY": "test-secret-key-" + "x" * 50,
    "JWT_SIGNING_KEY": "test-signing-key-" + "y" * 50,
    "ALLOWED_HOSTS": "challenge.example,testserver,127.0.0.1,localhost",
    "EMAIL_URL": "smtp://127.0.0.1:1",
    "EMAIL_FROM": "challenge@challenge.example",
    "REPLY_TO": "editor@challenge.example",
    "POSTAL_ADDRESS": "1 Example Street, Exampletown",
    "LOG_FORMAT": "json",
}
for _name, _value in _FOR_TESTS.items():
    os.environ.setdefault(_name, _value)

from config.settings import *  # noqa: E402, F403 -- the environment above must be set first

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SECURE_SSL_REDIRECT = False
# Hashed names need collectstatic first; tests/production makes them.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# Otherwise WhiteNoise reads, and misses, the folder that collectstatic makes.
WHITENOISE_AUTOREFRESH = True
