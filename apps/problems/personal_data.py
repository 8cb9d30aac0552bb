"""What the bank and the tags hold on a person: for their export, and at their erasure."""

from typing import Any

from apps.accounts.models import User
from apps.problems.models import Problem
from apps.tags.models import TagSuggestionRequest

_PROBLEM = (
    "slug",
    "title",
    "statement",
    "hints",
    "solution",
    "difficulty",
    "status",
    "review_note",
    "created_at",
    "approved_at",
)


def problems_data(user: User) -> list[Any]:
    """The problems somebody wrote."""
    return list(Problem.objects.filter(author=user).order_by("id").values(*_PROBLEM))


def tag_requests_data(user: User) -> list[Any]:
    """The tags somebody asked for, and why."""
    requests = TagSuggestionRequest.objects.filter(user=user)
    return list(requests.values("suggestion__name", "reason", "created_at"))


def forget(sender: Any, user: User, **kwargs: Any) -> None:
    """Their reasons go; what they wrote stays, by nobody in particular."""
    TagSuggestionRequest.objects.filter(user=user).delete()
    Problem.objects.filter(author=user).update(author=None)
