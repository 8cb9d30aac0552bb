"""Filters of tags and suggestions, and the refusal of bulk writes past the tree lock."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, NoReturn, Self

from django.db import models
from mptt.managers import TreeManager
from mptt.querysets import TreeQuerySet

from apps.tags.tree import TreeWriteError, require_lock

if TYPE_CHECKING:
    from apps.tags.models import TagMerge, TagSuggestion  # noqa: F401 -- named in annotations below

# Only mptt itself, inside tags.tree, may write these.
TREE_COLUMNS = frozenset({"lft", "rght", "tree_id", "level", "parent", "parent_id"})


class TagQuerySet(TreeQuerySet):
    """Tags by place in the tree. Bulk writes that would leave its numbering false are refused."""

    def featured(self) -> Self:
        """Those offered first."""
        featured: Self = self.filter(is_featured=True)
        return featured

    def in_tree_order(self) -> Self:
        """Parents before children, siblings in the curators' order."""
        ordered: Self = self.order_by("tree_id", "lft")
        return ordered

    def update(self, **kwargs: Any) -> int:
        _refuse_tree_columns("update", kwargs)
        return int(super().update(**kwargs))

    def bulk_update(self, objs: Any, fields: Collection[str], *args: Any, **kwargs: Any) -> int:
        _refuse_tree_columns("bulk_update", fields)
        return int(super().bulk_update(objs, fields, *args, **kwargs))

    def bulk_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TreeWriteError("bulk_create cannot number the tree; use tags.services.create_tag.")

    def delete(self) -> NoReturn:
        raise TreeWriteError("Deleting in bulk leaves gaps; use tags.services.delete_tag.")


class TagManager(TreeManager.from_queryset(TagQuerySet)):  # type: ignore[misc]  # -- mptt ships no types
    """mptt's manager with our filters."""

    def insert_node(self, *args: Any, **kwargs: Any) -> Any:
        require_lock("Inserting a tag")
        return super().insert_node(*args, **kwargs)

    def move_node(self, *args: Any, **kwargs: Any) -> None:
        require_lock("Moving a tag")
        super().move_node(*args, **kwargs)

    def rebuild(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TreeWriteError("Use tags.services.rebuild_tree, which keeps the order of siblings.")

    def _mptt_update(self, qs: TagQuerySet | None = None, **items: Any) -> int:
        # mptt's own renumbering of roots is the one bulk write of tree columns that must pass.
        require_lock("Renumbering the roots")
        rows = self.all() if qs is None else qs
        return models.QuerySet.update(rows, **self._translate_lookups(**items))


class TagSuggestionQuerySet(models.QuerySet["TagSuggestion"]):
    """Suggested names by state."""

    def pending(self) -> Self:
        """Waiting for a curator."""
        return self.filter(status="pending")

    def visible_to(self, user: Any) -> Self:
        """All of them for curators; for others those they asked for."""
        if user.has_perm("tags.view_tagsuggestion"):
            return self.all()
        return self.filter(requests__user=user)


class TagMergeQuerySet(models.QuerySet["TagMerge"]):
    """Merges by whether they hold."""

    def standing(self) -> Self:
        """Not undone."""
        return self.filter(undone_at__isnull=True)


def _refuse_tree_columns(action: str, names: Collection[str]) -> None:
    touched = sorted(TREE_COLUMNS.intersection(names))
    if touched:
        raise TreeWriteError(f"{action} of {', '.join(touched)} would corrupt the tree.")
