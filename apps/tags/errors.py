"""Errors of the tree that carry more than their words."""

from apps.core.errors import ConflictError
from apps.tags.models import Tag


class NameTakenError(ConflictError):
    """A name, alias or redirect that a tag answers to already; `tag` is that tag."""

    code = "tag_name_taken"

    def __init__(self, name: str, tag: Tag) -> None:
        super().__init__(f"“{name}” already names the tag “{tag.name}”.")
        self.tag = tag
