"""The tree written plainly, and read from `parent`, so that tests need not believe its numbers."""

from apps.tags.models import Tag
from apps.tags.services import create_tag


def plant(outline: dict[str, dict], parent: Tag | None = None) -> dict[str, Tag]:
    """Create {"Languages": {"Python": {}}}; the tags by name, as they are when all are there."""
    for name, below in outline.items():
        tag = create_tag(name=name, tag_type="topic", parent_id=parent.pk if parent else None)
        plant(below, tag)
    return {tag.name: tag for tag in Tag.objects.all()}


def outline() -> dict[str, dict]:
    """The tree as {"Languages": {"Python": {}}}, siblings in their order."""
    nodes: dict[int | None, dict] = {None: {}}
    tags = list(Tag.objects.order_by("tree_id", "lft"))
    for tag in tags:
        nodes[tag.pk] = {}
    for tag in tags:
        nodes[tag.parent_id][tag.name] = nodes[tag.pk]
    return nodes[None]
