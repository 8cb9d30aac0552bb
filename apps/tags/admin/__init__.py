"""The curators' side of tags: the tree, and the names that wait for a decision."""

from apps.tags.admin import suggestions, tree

__all__ = ["suggestions", "tree"]
