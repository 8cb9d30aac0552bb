"""Flower's own settings: `celery -A config flower --conf=config/flower.py`; never open to all."""

from django.core.exceptions import ImproperlyConfigured

from config.settings import env

if not env("FLOWER_PASSWORD"):
    raise ImproperlyConfigured(
        "FLOWER_PASSWORD is not set. Set it, or FLOWER_PASSWORD_FILE, in the environment."
    )

address = "0.0.0.0"  # noqa: S104 -- a container's network is the wall
url_prefix = "flower"
basic_auth = [f"operator:{env('FLOWER_PASSWORD')}"]
