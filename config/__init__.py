"""Project configuration.

Importing it pins the zone data and loads the Celery app, so that every process reckons local times
by the same rules and publishes with the same settings.
"""

from config import zones  # isort: skip -- before anything can make a zone
from config.celery import app as celery_app

__all__ = ["celery_app", "zones"]
