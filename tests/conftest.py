"""Fixtures for every test. The servers of the session are started by tests/servers.py."""
