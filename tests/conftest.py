"""Fixtures for every test. The servers of the session are started by tests/servers.py."""

from tests.api import _fresh_counters, admin, api, curator, signed_in
from tests.migrated_rows import django_db_setup

__all__ = ["_fresh_counters", "admin", "api", "curator", "django_db_setup", "signed_in"]
