"""People and their failed sign-ins, for admins."""

from apps.accounts.admin import failures, people

__all__ = ["failures", "people"]
