"""Changes of the tree itself, each one transaction under the tree lock."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Max

from apps.core.errors import ConflictError, InvalidInputError, NotFoundError
from apps.core.history import note_change
from apps.core.plain_text import one_line
from apps.core.sequences import reserve_ids
from apps.tags import references
from apps.tags.events import tree_changed
from apps.tags.models import MAX_LEVEL, Tag, TagNameKind, TagType
from apps.tags.names import TAG_SLUGS, CleanName, clean_aliases, clean_name
from apps.tags.services.decisions import settle_known
from apps.tags.services.naming import free_slug, refuse_taken, refuse_taken_slug, write_names
from apps.tags.tree import require_lock, tree_lock

_DESCRIPTION_LENGTH = 300


def create_tag(
    *,
    name: str,
    tag_type: str,
    parent_id: int | None = None,
    description: str = "",
    is_featured: bool = False,
    aliases: Iterable[str] = (),
    slug: str = "",
    by: Any = None,
) -> Tag:
    """Add a tag as the last child of its parent (the last root without one).

    A pending suggestion of one of its names is thereby decided, by `by`. NameTakenError names the
    tag that has a name already; ConflictError `tag_too_deep` below the sixth level.
    """
    with tree_lock():
        tag = insert_tag(
            name=name,
            tag_type=tag_type,
            parent_id=parent_id,
            description=description,
            is_featured=is_featured,
            aliases=aliases,
            slug=slug,
            by=by,
        )
        tree_changed.send(Tag, tag_ids={tag.pk})
    return tag


def insert_tag(
    *,
    name: str,
    tag_type: str,
    parent_id: int | None,
    description: str,
    is_featured: bool,
    aliases: Iterable[str],
    slug: str,
    by: Any = None,
) -> Tag:
    """create_tag without the news of it, for whoever adds many and tells once."""
    own = clean_name(name)
    others = clean_aliases(aliases, name=own)
    tag = Tag(name=own.name, tag_type=_known_type(tag_type), is_featured=is_featured)
    tag.description = one_line(description, field="description", limit=_DESCRIPTION_LENGTH)
    with tree_lock():
        refuse_taken([own, *others])
        tag.parent = _parent(parent_id)
        _refuse_depth(tag.parent, height=0)
        tag.pk = reserve_ids(Tag, 1)[0]
        tag.slug = _own_slug(slug) if slug else free_slug(own, tag_id=tag.pk)
        note_change(tag, by=by)
        tag.save(force_insert=True)
        _name(tag, own, others, by=by)
    return tag


def change_tag(
    *,
    tag_id: int,
    name: str | None = None,
    tag_type: str | None = None,
    description: str | None = None,
    is_featured: bool | None = None,
    aliases: Iterable[str] | None = None,
    by: Any = None,
) -> Tag:
    """Rename, retype, describe, feature or give other aliases; what is None stays.

    The slug never changes.
    """
    with tree_lock():
        tag = tag_by_id(tag_id)
        before = (tag.name, tag.tag_type, tag.description, tag.is_featured)
        own = clean_name(tag.name if name is None else name)
        tag.name = own.name
        tag.tag_type = tag.tag_type if tag_type is None else _known_type(tag_type)
        tag.is_featured = tag.is_featured if is_featured is None else is_featured
        if description is not None:
            tag.description = one_line(description, field="description", limit=_DESCRIPTION_LENGTH)
        known_as = _alias_names(tag)
        others = clean_aliases(known_as if aliases is None else aliases, name=own)
        renamed = _name(tag, own, others, by=by)
        if renamed or before != (tag.name, tag.tag_type, tag.description, tag.is_featured):
            note_change(tag, by=by, reason=_alias_news(known_as, others))
            tag.save(update_fields=["name", "tag_type", "description", "is_featured", "updated_at"])
    return tag


def move_tag(
    *,
    tag_id: int,
    parent_id: int | None,
    position: str = "last-child",
    target_id: int | None = None,
) -> Tag:
    """Put a tag and all below it under a parent (None: among the roots).

    `position` is first-child or last-child of the parent, or left or right of `target_id`, one of
    its children. ConflictError `tag_cycle` under itself, `tag_too_deep` when the lowest of them
    would be.
    """
    with tree_lock():
        tag = tag_by_id(tag_id)
        former_id = tag.parent_id
        relocate_tag(tag, parent_id=parent_id, position=position, target_id=target_id)
        if former_id != parent_id:
            tree_changed.send(
                Tag, tag_ids={tag.pk} | ({former_id} if former_id is not None else set())
            )
    tag.refresh_from_db()
    return tag


def relocate_tag(
    tag: Tag,
    *,
    parent_id: int | None,
    position: str = "last-child",
    target_id: int | None = None,
) -> None:
    """move_tag without the news of it, for whoever moves many and tells once.

    The tag must be as it stands in the database now.
    """
    require_lock("Moving a tag")
    parent = _parent(parent_id)
    if parent is not None and parent.is_descendant_of(tag, include_self=True):
        raise ConflictError(
            f"“{tag.name}” cannot be put under itself or something below it.", code="tag_cycle"
        )
    lowest = tag.get_descendants(include_self=True).aggregate(level=Max("level"))["level"]
    _refuse_depth(parent, height=lowest - tag.level)
    note_change(tag, reason="Moved")
    _place(tag, parent, position, target_id)


def delete_tag(*, tag_id: int) -> None:
    """Delete a tag that nothing needs.

    ConflictError `tag_in_use` with children, or with what still points at it.
    """
    with tree_lock():
        tag = tag_by_id(tag_id)
        children = tag.get_descendant_count()
        if children:
            raise ConflictError(f"“{tag.name}” has tags below it.", code="tag_in_use")
        used = references.uses([tag.pk])[tag.pk]
        if used:
            counts = ", ".join(f"{label}: {count}" for label, count in used.items())
            raise ConflictError(
                f"“{tag.name}” is in use ({counts}). Merge it into another tag instead.",
                code="tag_in_use",
            )
        former_id = tag.parent_id
        tag.delete()
        if former_id is not None:
            tree_changed.send(Tag, tag_ids={former_id})


def tag_by_id(tag_id: int) -> Tag:
    """NotFoundError when there is none."""
    tag: Tag | None = Tag.objects.filter(pk=tag_id).first()
    if tag is None:
        raise NotFoundError("There is no such tag.")
    return tag


def _parent(parent_id: int | None) -> Tag | None:
    if parent_id is None:
        return None
    parent: Tag | None = Tag.objects.filter(pk=parent_id).first()
    if parent is None:
        raise InvalidInputError("There is no such parent tag.", code="not_found", field="parent")
    return parent


def _known_type(tag_type: str) -> str:
    if tag_type not in TagType.values:
        raise InvalidInputError(
            f"The type must be one of {', '.join(TagType.values)}.",
            code="invalid_choice",
            field="tag_type",
        )
    return tag_type


def _refuse_depth(parent: Tag | None, *, height: int) -> None:
    if parent is not None and parent.level + 1 + height > MAX_LEVEL:
        raise ConflictError(
            f"The tree is at most {MAX_LEVEL + 1} deep; this would be deeper.", code="tag_too_deep"
        )


def _own_slug(slug: str) -> str:
    refuse_taken_slug(TAG_SLUGS.check(slug))
    return slug


def _alias_names(tag: Tag) -> list[str]:
    aliases = tag.names.filter(kind=TagNameKind.ALIAS).order_by("id")
    return list(aliases.values_list("name", flat=True))


def _alias_news(former: list[str], present: list[CleanName]) -> str:
    now = [alias.name for alias in present]
    news = [f"+ {name}" for name in now if name not in former]
    news += [f"− {name}" for name in former if name not in now]
    return f"Aliases: {', '.join(news)}" if news else ""


def _name(tag: Tag, own: CleanName, others: list[CleanName], *, by: Any) -> bool:
    changed = write_names(tag, own, others)
    if changed:
        kinds = {other.normalized: TagNameKind.ALIAS for other in others}
        settle_known(tag, kinds | {own.normalized: TagNameKind.PRIMARY}, by=by)
    return changed


def _place(tag: Tag, parent: Tag | None, position: str, target_id: int | None) -> None:
    if position in ("left", "right"):
        tag.move_to(_sibling(tag, parent, target_id), position)
    elif position not in ("first-child", "last-child"):
        raise InvalidInputError(
            "The position must be first-child, last-child, left or right.",
            code="invalid_choice",
            field="position",
        )
    elif target_id is not None:
        raise InvalidInputError(
            "A target goes with the positions left and right only.", field="target"
        )
    elif parent is not None:
        tag.move_to(parent, position)
    else:
        _place_among_roots(tag, first=position == "first-child")


def _sibling(tag: Tag, parent: Tag | None, target_id: int | None) -> Tag:
    siblings = Tag.objects.filter(parent=parent).exclude(pk=tag.pk)
    target: Tag | None = siblings.filter(pk=target_id).first()
    if target is None:
        raise InvalidInputError(
            "The target must be another tag under the same parent.", field="target"
        )
    return target


def _place_among_roots(tag: Tag, *, first: bool) -> None:
    roots = Tag.objects.filter(parent=None).exclude(pk=tag.pk).order_by("tree_id")
    neighbour = roots.first() if first else roots.last()
    if neighbour is None:
        tag.move_to(None)
    else:
        tag.move_to(neighbour, "left" if first else "right")
