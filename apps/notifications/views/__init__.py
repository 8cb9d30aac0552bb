"""Subscriptions and deliveries over HTTP."""
