"""The problems that wait for suggested names, as the review of suggestions shows them."""

from collections.abc import Collection

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from apps.problems.models import ProblemSuggestion, ProblemTag
from apps.tags.askers import Asked


def find(suggestion_ids: Collection[int]) -> dict[int, list[Asked]]:
    """The problems behind each suggestion, in the order in which they asked, with their tags."""
    links = ProblemSuggestion.objects.filter(suggestion__in=suggestion_ids).order_by("id")
    carried = ProblemTag.objects.filter(problem=OuterRef("problem")).order_by("id")
    found: dict[int, list[Asked]] = {}
    for suggestion_id, problem_id, title, author_id, tag_ids in links.values_list(
        "suggestion",
        "problem",
        "problem__title",
        "problem__author",
        ArraySubquery(carried.values("tag")),
    ):
        page = "admin:problems_problem_change"
        asked = Asked(problem_id, title, page, author_id, tuple(tag_ids))
        found.setdefault(suggestion_id, []).append(asked)
    return found
