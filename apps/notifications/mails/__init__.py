"""The mails of challenges and solutions."""

from apps.notifications.mails.composing import compose, preview

__all__ = ["compose", "preview"]
