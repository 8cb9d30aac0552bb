"""The mails of challenges and solutions."""

from apps.notifications.mails.composing import compose, preview
from apps.notifications.mails.editions import facts_of

__all__ = ["compose", "facts_of", "preview"]
