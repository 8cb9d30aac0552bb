"""The curators' side of tags: the tree, its merges, and the names that wait for a decision."""

from apps.tags.admin import merging, suggestions, tree

__all__ = ["merging", "suggestions", "tree"]
