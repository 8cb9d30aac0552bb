"""The ranked lists that choosing walks, and the counts on the tags.

They are the closure tag → approved problem that nothing holds back, kept set-wise in the
transaction of every change to the bank or the tree. What they must hold is said in ranking.sql.
"""

from collections.abc import Collection
from pathlib import Path

from django.db import connection
from django.utils import timezone

from apps.problems.models import BankState, ProblemTag
from apps.tags.models import Tag
from apps.tags.tree import tree_lock

_LISTS = (Path(__file__).parent / "ranking.sql").read_text()
_COUNTS = (Path(__file__).parent / "ranking_counts.sql").read_text()


def refresh_problems(problem_ids: Collection[int]) -> None:
    """Follow a change of these problems: status, hold, tier, difficulty or tags.

    Tags that a problem has lost are no longer on it: `refresh_tags` counts those.
    """
    with tree_lock():
        _relist(problem_ids=problem_ids, tag_ids=None)
        links = ProblemTag.objects.filter(problem__in=problem_ids)
        _recount(set(links.values_list("tag", flat=True)))


def refresh_tags(tag_ids: Collection[int]) -> None:
    """Follow a change of what is on or below these tags, and so below all tags above them."""
    with tree_lock():
        tags = Tag.objects.filter(pk__in=tag_ids)
        above = tags.get_ancestors(include_self=True).values_list("pk", flat=True)
        _relist(problem_ids=None, tag_ids=set(above))
        _recount(tag_ids)


def rebuild_ranking() -> None:
    """Mend whatever is wrong in any list or count; writes only what differs."""
    with tree_lock():
        _relist(problem_ids=None, tag_ids=None)
        _recount(None)


def _relist(*, problem_ids: Collection[int] | None, tag_ids: Collection[int] | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LISTS, {"problem_ids": _array(problem_ids), "tag_ids": _array(tag_ids)})
        (gained,) = cursor.fetchone()
    if gained:
        # Those who had nothing left to get may find something now.
        BankState.objects.update_or_create(pk=1, defaults={"widened_at": timezone.now()})


def _recount(tag_ids: Collection[int] | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"tag_ids": _array(tag_ids)})


def _array(ids: Collection[int] | None) -> list[int] | None:
    return None if ids is None else list(ids)
