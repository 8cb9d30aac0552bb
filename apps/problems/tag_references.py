"""The links problem–tag, as tags counts, merges and gives them back."""

from collections.abc import Collection
from typing import Any

from django.db.models import Count

from apps.core.errors import ConflictError
from apps.problems.models import ProblemTag
from apps.problems.ranking import refresh_problems, refresh_tags


def count(tag_ids: Collection[int]) -> dict[int, int]:
    """How many problems of any status carry each tag itself."""
    links = ProblemTag.objects.filter(tag__in=tag_ids)
    return dict(links.values_list("tag").annotate(count=Count("id")))


def merge(tag_id: int, into_id: int) -> dict[str, Any]:
    """Put the other tag on all problems that carry this one.

    The record tells those that had both already.
    """
    carried = list(ProblemTag.objects.filter(tag=tag_id).values_list("problem", flat=True))
    both = ProblemTag.objects.filter(tag=into_id, problem__in=carried)
    had_both = list(both.values_list("problem", flat=True))
    ProblemTag.objects.filter(tag=tag_id, problem__in=had_both).delete()
    ProblemTag.objects.filter(tag=tag_id).update(tag=into_id)
    refresh_problems(carried)
    refresh_tags([tag_id, into_id])
    return {"carried": carried, "had_both": had_both}


def undo(tag_id: int, into_id: int, record: dict[str, Any]) -> None:
    """Put the tag back on exactly the problems that carried it; ConflictError when one was retagged
    since.
    """
    carried, had_both = record["carried"], record["had_both"]
    links = ProblemTag.objects.filter(tag=into_id, problem__in=carried)
    if links.count() != len(carried):
        raise ConflictError("A problem that carried the merged tag was retagged since.")
    links.exclude(problem__in=had_both).update(tag=tag_id)
    ProblemTag.objects.bulk_create(ProblemTag(problem_id=p, tag_id=tag_id) for p in had_both)
    refresh_problems(carried)
    refresh_tags([tag_id, into_id])
