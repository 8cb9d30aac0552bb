"""What the matrix is tried on: somebody with everything a person can have, and four who look on.

What only its owner may read says PRIVATE, what only staff may read besides says UNPUBLISHED.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from apps.accounts import links, sessions
from apps.accounts.models import EmailChange, Role, User
from apps.accounts.services import change_role
from apps.notifications.models import Delivery, Reading
from apps.problems.services import create_problem
from apps.tags.models import TagMerge, TagSuggestion
from apps.tags.services import merge_tag, suggest_tag
from tests.factories import (
    ProblemFactory,
    SentDeliveryFactory,
    SubscriptionFactory,
    TagFactory,
    UserFactory,
)

PRIVATE, UNPUBLISHED = "zq-private", "zq-unpublished"
PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class World:
    """The rows that calls are about, and tokens that would work."""

    people: dict[str, User]
    delivery: Delivery
    suggestion: TagSuggestion
    merge: TagMerge
    refresh: str
    verify_token: str
    reset_token: str
    change_token: str
    undo_token: str

    @property
    def owner(self) -> User:
        return self.people["owner"]


def make_world() -> World:
    """A fresh one."""
    people = _people()
    owner = people["owner"]
    python, other_tag = TagFactory(slug="python"), TagFactory(slug="merged-away")
    TagFactory(slug="unused")
    problem = ProblemFactory(slug="approved", tags=[python])
    create_problem(title=f"{UNPUBLISHED} draft", statement="Why?", author=owner)
    # Deleting and moving need tags that nothing hangs on; merging was done once already.
    merge = merge_tag(tag_id=other_tag.pk, into_id=TagFactory(slug="survivor").pk, by=None)
    suggestion, _ = suggest_tag(name=f"{UNPUBLISHED} name", source="user", by=owner)
    change = _change_of_address(owner)
    unverified = UserFactory(email=f"{PRIVATE}-unverified@example.org", email_verified_at=None)
    return World(
        people=people,
        delivery=_delivery_read_by(owner, problem, python),
        suggestion=suggestion,
        merge=merge,
        refresh=sessions.begin(user=owner).refresh,
        verify_token=links.verify_link(unverified).partition("#")[2],
        reset_token=links.reset_link(owner).partition("#")[2],
        change_token=links.change_link(change).partition("#")[2],
        undo_token=links.undo_link(change).partition("#")[2],
    )


def _people() -> dict[str, User]:
    people = {
        "owner": UserFactory(email=f"{PRIVATE}@example.org", display_name=PRIVATE),
        "other": UserFactory(email="other@example.org"),
    }
    for role in (Role.CURATOR, Role.ADMIN):
        user = UserFactory(email=f"{role}@example.org")
        people[role.value] = change_role(user_id=user.pk, role=role, by=None)
    return people


def _change_of_address(owner: User) -> EmailChange:
    return EmailChange.objects.create(
        user=owner,
        old_email=owner.email,
        new_email=f"{PRIVATE}-new@example.org",
        requested_at=timezone.now(),
    )


def _delivery_read_by(owner: User, problem: object, tag: object) -> Delivery:
    subscription = SubscriptionFactory(user=owner, tags=[tag])
    delivery = SentDeliveryFactory(
        subscription=subscription,
        problem=problem,
        due_at=timezone.now() - timedelta(hours=1),
    )
    Reading.objects.create(
        delivery=delivery, outcome="solved", marked_at=timezone.now(), comment=PRIVATE
    )
    return delivery
