"""What readers would get of a problem: the app above, which writes the mails, registers how."""

from collections.abc import Callable
from dataclasses import dataclass

from apps.mail.message import Message
from apps.problems.content import Content
from apps.problems.models import Problem
from apps.problems.problem_file import CODE_WIDTH, wide_code


@dataclass(frozen=True, slots=True)
class Preview:
    """One mail of a problem; one that is cut ends with a link to the rest."""

    kind: str
    message: Message
    is_cut: bool


# InvalidInputError for Markdown beyond the limits.
Previewer = Callable[[Problem], list[Preview]]
_previewers: list[Previewer] = []


def register(previewer: Previewer) -> None:
    """Add mails to what curators look at; called in AppConfig.ready."""
    _previewers.append(previewer)


def previews_of(problem: Problem) -> list[Preview]:
    """The mails of a problem as it is now, in the order in which they come."""
    return [preview for previewer in _previewers for preview in previewer(problem)]


def warnings_for(problem: Problem) -> list[str]:
    """What whoever approves a problem should know of its looks, in sentences."""
    places = (
        ("the statement", problem.statement),
        ("the solution", problem.solution),
        *((f"hint {number}", hint) for number, hint in enumerate(problem.hints, start=1)),
    )
    wide = [place for place, text in places if wide_code(text)]
    return [
        *(f"Code in {place} is wider than {CODE_WIDTH} characters." for place in wide),
        *cut_mails(problem),
    ]


def cut_mails(problem: Problem) -> list[str]:
    """The mails that mail programs would cut, and that we cut ourselves therefore."""
    return [
        f"The {preview.kind} is too long for one mail: it ends with a link to the rest."
        for preview in previews_of(problem)
        if preview.is_cut
    ]


def may_be_cut(content: Content) -> bool:
    """Whether composing is worth its time in a bulk import: shorter texts never fill a mail."""
    return max(len(content["statement"]), len(content["solution"])) > 10_000
