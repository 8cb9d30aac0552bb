"""Fixtures for every test. The servers of the session are started by tests/servers.py."""

from hypothesis import settings

from tests.api import _fresh_counters, admin, api, curator, signed_in
from tests.migrated_rows import django_db_setup
from tests.promises import pytest_collection_modifyitems, pytest_terminal_summary, show
from tests.staff import published

__all__ = [
    "_fresh_counters",
    "admin",
    "api",
    "curator",
    "django_db_setup",
    "published",
    "pytest_collection_modifyitems",
    "pytest_terminal_summary",
    "show",
    "signed_in",
]

# The same examples in every run, however slow the machine is: a failure here is one anywhere.
# `--hypothesis-profile=default` looks for new ones.
settings.register_profile("suite", deadline=None, derandomize=True)
settings.load_profile("suite")
