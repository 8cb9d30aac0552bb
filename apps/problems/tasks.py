"""Doorways for the worker; the work is in services and ranking."""

from celery import shared_task

from apps.problems import ranking


@shared_task(name="default.rebuild_ranking")
def rebuild_ranking() -> None:
    """Nightly: recount the tags and mend whatever is wrong in the ranked lists."""
    ranking.rebuild_ranking()
