"""Accounts over HTTP, by what one comes for."""
