"""A bank and a reader for the benchmarks of the API."""

import random

from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.sessions import begin
from bench.bank import plant, stock

_SEED = 5


def fill_bank(*, tags: int, problems: int) -> None:
    """So many tags and approved problems."""
    dice = random.Random(_SEED)
    stock(problems, plant(tags, dice), dice)


def access_token() -> str:
    """Of a reader who has just signed in."""
    user = User.objects.create(
        email="reader@example.org", password="!", email_verified_at=timezone.now()
    )
    return begin(user=user).access
