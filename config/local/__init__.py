"""What runs the platform on a developer's machine: set-up, embedded servers, supervisor.

Never used in production.
"""
