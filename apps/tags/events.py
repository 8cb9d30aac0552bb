"""What the tag tree tells the apps above it. Receivers run inside the transaction of the change."""

from django.dispatch import Signal

# Who is below whom has changed, for these tags and all above or below them. kwargs: tag_ids (set of
# int).
tree_changed = Signal()
# A curator decided a suggested name. kwargs: suggestion (TagSuggestion), tag (Tag or None when
# rejected).
suggestion_decided = Signal()
