"""What the bank does when the tree below it changes.

Connected in apps.py; all inside the transaction of the change.
"""

from typing import Any

from apps.problems.ranking import refresh_tags
from apps.problems.services.tagging import attach_decided
from apps.tags.models import Tag, TagSuggestion


def follow_tree(*, tag_ids: set[int], **kwargs: Any) -> None:
    """Somebody was put under somebody else: so were the problems."""
    refresh_tags(tag_ids)


def follow_decision(*, suggestion: TagSuggestion, tag: Tag | None, **kwargs: Any) -> None:
    """A suggested name became a tag, or never will."""
    attach_decided(suggestion, tag)
