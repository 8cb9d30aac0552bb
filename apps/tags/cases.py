"""Suggested names as a curator decides them: who asked, what it probably means, where it belongs.

A constant number of queries, however many names.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from apps.tags.askers import Asked, asked_for
from apps.tags.models import SuggestionStatus, Tag, TagName, TagSuggestion
from apps.tags.proposals import Outline, Placed
from apps.tags.twins import Name, Spellings


@dataclass(frozen=True, slots=True)
class Twin:
    """A tag that the name probably means; `known_as` is the one of its names that says so."""

    tag_id: int
    name: str
    path: str
    known_as: str


@dataclass(frozen=True, slots=True)
class Case:
    """A suggestion with what there is to know; type and parent are proposals until it is decided.

    `parent` is empty for a tag at the top, `tag_type` when nothing tells. `path` is where the tag
    stands that it was decided in favour of.
    """

    suggestion: TagSuggestion
    problems: Sequence[Asked]
    twins: Sequence[Twin]
    tag_type: str
    parent_id: int | None
    parent: str
    path: str


@dataclass(frozen=True, slots=True)
class Files:
    """What all cases of a page share: the tree, and how its tags are spelled."""

    outline: Outline
    spellings: Spellings

    @property
    def places(self) -> list[tuple[str, str]]:
        """Every tag by name, with its path, in tree order."""
        return [(tag.name, self.outline.path(tag.pk)) for tag in self.outline.by_id.values()]


def open_files() -> Files:
    """The tree as it stands. Two queries."""
    columns = ("pk", "name", "tag_type", "level", "parent_id")
    tags = Tag.objects.in_tree_order().values_list(*columns)
    names = TagName.objects.order_by("id").values_list("name", "tag_id")
    return Files(Outline(Placed(*row) for row in tags), Spellings(Name(*row) for row in names))


def cases_of(suggestions: Sequence[TagSuggestion], files: Files) -> list[Case]:
    """One case for each suggestion, in their order."""
    asked = asked_for([suggestion.pk for suggestion in suggestions])
    return [_case(suggestion, asked[suggestion.pk], files) for suggestion in suggestions]


def proposal_of(
    suggestion: TagSuggestion, problems: Collection[Asked], outline: Outline
) -> tuple[str, int | None]:
    """Type and parent: as whoever asked said, else as the tags of the problems that asked tell."""
    beside = [tag_id for asked in problems for tag_id in asked.tag_ids]
    parent_id = suggestion.suggested_parent_id or outline.parent_for(beside)
    return suggestion.tag_type or outline.type_for(beside, parent_id=parent_id), parent_id


def _case(suggestion: TagSuggestion, problems: list[Asked], files: Files) -> Case:
    outline = files.outline
    tag_type, parent_id = proposal_of(suggestion, problems, outline)
    is_open = suggestion.status == SuggestionStatus.PENDING
    twins = files.spellings.twins_of(suggestion.name) if is_open else []
    return Case(
        suggestion=suggestion,
        problems=problems,
        twins=[
            Twin(twin.tag_id, outline.by_id[twin.tag_id].name, outline.path(twin.tag_id), twin.text)
            for twin in twins
        ],
        tag_type=tag_type,
        parent_id=parent_id,
        parent=outline.line_of(parent_id)[-1].name if parent_id else "",
        path=outline.path(suggestion.resolved_tag_id) if suggestion.resolved_tag_id else "",
    )
