"""The names a tag answers to: kept unique over all tags, under the tree lock."""

from collections.abc import Iterable, Sequence

from apps.tags.errors import NameTakenError
from apps.tags.models import Tag, TagMerge, TagName, TagNameKind
from apps.tags.names import TAG_SLUGS, CleanName
from apps.tags.selectors import resolve
from apps.tags.tree import require_lock


def refuse_taken(names: Iterable[CleanName], *, tag: Tag | None = None) -> None:
    """NameTakenError for the first of these names that another tag answers to."""
    by_normalized = {name.normalized: name.name for name in names}
    taken = TagName.objects.filter(normalized__in=by_normalized).select_related("tag")
    for row in taken.exclude(tag=tag) if tag else taken:
        raise NameTakenError(by_normalized[row.normalized], row.tag)


def refuse_known(name: CleanName) -> None:
    """NameTakenError when a tag answers to this name, or it was once decided in favour of one."""
    tag = resolve([name.name]).get(name.normalized)
    if tag is not None:
        raise NameTakenError(name.name, tag)


def write_names(tag: Tag, name: CleanName, aliases: Sequence[CleanName]) -> bool:
    """Make exactly these the tag's own name and aliases, in this order; True when anything changed.

    Redirects stay, unless one of these names is the same; so does a name that was the slug of a
    merged tag.
    """
    require_lock("Naming a tag")
    refuse_taken([name, *aliases], tag=tag)
    wanted = [(name.normalized, name.name, TagNameKind.PRIMARY)]
    wanted += [(alias.normalized, alias.name, TagNameKind.ALIAS) for alias in aliases]
    own = tag.names.exclude(kind=TagNameKind.REDIRECT).order_by("id")
    if list(own.values_list("normalized", "name", "kind")) == wanted:
        return False
    _keep_merged_slugs(tag)
    own.delete()
    tag.names.filter(normalized__in=[normalized for normalized, _, _ in wanted]).delete()
    TagName.objects.bulk_create(
        TagName(tag=tag, normalized=normalized, name=shown, kind=kind)
        for normalized, shown, kind in wanted
    )
    return True


def free_slug(name: CleanName, *, tag_id: int) -> str:
    """A slug made from the name that no tag has, nor had before it was merged."""
    base = TAG_SLUGS.derive(name.name, number=tag_id)
    # The suffix may cut the base, so everything that starts alike counts as taken.
    start = base[: TAG_SLUGS.length - 6]
    taken = set(Tag.objects.filter(slug__startswith=start).values_list("slug", flat=True))
    former = TagName.objects.filter(normalized__startswith=start, kind=TagNameKind.REDIRECT)
    taken |= set(former.values_list("normalized", flat=True))
    merged = TagMerge.objects.standing().filter(merged_slug__startswith=start)
    taken |= set(merged.values_list("merged_slug", flat=True))
    return TAG_SLUGS.first_free(base, taken)


def refuse_taken_slug(slug: str) -> None:
    """NameTakenError when a tag has this slug, or had it before it was merged."""
    holder = Tag.objects.filter(slug=slug).first()
    if holder is None and TagMerge.objects.standing().filter(merged_slug=slug).exists():
        name = TagName.objects.filter(normalized=slug).select_related("tag").first()
        holder = name.tag if name else None
    if holder is not None:
        raise NameTakenError(slug, holder)


def _keep_merged_slugs(tag: Tag) -> None:
    """Old addresses lead to the survivor even when the name of the same letters goes."""
    names = tag.names.exclude(kind=TagNameKind.REDIRECT)
    slugs = TagMerge.objects.standing().filter(merged_slug__in=names.values("normalized"))
    names.filter(normalized__in=slugs.values("merged_slug")).update(kind=TagNameKind.REDIRECT)
