"""Filters of tags and suggestions."""

from typing import TYPE_CHECKING, Self

from django.db import models
from mptt.managers import TreeManager
from mptt.querysets import TreeQuerySet

if TYPE_CHECKING:
    from apps.tags.models import TagSuggestion  # noqa: F401 -- named in the annotation below

# Only mptt itself, inside tags.tree, may write these.
TREE_COLUMNS = frozenset({"lft", "rght", "tree_id", "level", "parent", "parent_id"})


class TagQuerySet(TreeQuerySet):
    """Tags by place in the tree."""

    def featured(self) -> Self:
        """Those offered first."""
        return self.filter(is_featured=True)

    def in_tree_order(self) -> Self:
        """Parents before children, siblings in the curators' order."""
        return self.order_by("tree_id", "lft")


class TagManager(TreeManager.from_queryset(TagQuerySet)):  # type: ignore[misc] -- mptt ships no types
    """mptt's manager with our filters."""


class TagSuggestionQuerySet(models.QuerySet["TagSuggestion"]):
    """Suggested names by state."""

    def pending(self) -> Self:
        """Waiting for a curator."""
        return self.filter(status="pending")
