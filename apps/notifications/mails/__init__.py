"""The mails of challenges and solutions."""

from apps.notifications.mails.composing import compose, is_cut, preview
from apps.notifications.mails.editions import facts_of

__all__ = ["compose", "facts_of", "is_cut", "preview"]
