"""Fixtures for every test. The servers of the session are started by tests/servers.py."""

from tests.api import _fresh_counters, admin, api, curator, signed_in

__all__ = ["_fresh_counters", "admin", "api", "curator", "signed_in"]
