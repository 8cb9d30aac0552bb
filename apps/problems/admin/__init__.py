"""The curators' side of the bank."""

from apps.problems.admin import problems

__all__ = ["problems"]
