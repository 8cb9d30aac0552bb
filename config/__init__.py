"""Project configuration.

Importing it loads the Celery app, so that every process publishes with its settings.
"""

from config.celery import app as celery_app

__all__ = ["celery_app"]
