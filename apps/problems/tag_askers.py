"""The problems that wait for suggested names, as the review of suggestions shows them."""

from collections.abc import Collection

from apps.problems.models import ProblemSuggestion
from apps.tags.askers import Asked


def find(suggestion_ids: Collection[int]) -> dict[int, list[Asked]]:
    """The problems behind each suggestion, in the order in which they asked."""
    links = ProblemSuggestion.objects.filter(suggestion__in=suggestion_ids).order_by("id")
    found: dict[int, list[Asked]] = {}
    for suggestion_id, problem_id, title, author_id in links.values_list(
        "suggestion", "problem", "problem__title", "problem__author"
    ):
        asked = Asked(problem_id, title, "admin:problems_problem_change", author_id)
        found.setdefault(suggestion_id, []).append(asked)
    return found
