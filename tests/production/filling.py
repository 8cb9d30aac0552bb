"""Rows in every table of ours, made as the platform makes them."""

from datetime import timedelta

from django.contrib.auth.models import Permission
from django.utils import timezone

from apps.accounts.attempts import count_attempt
from apps.accounts.models import AttemptPurpose, EmailChange, TokenFamily, User
from apps.accounts.services import change_role
from apps.core.schedules import sync_schedules
from apps.core.services import raise_alert, record_heartbeat
from apps.core.tallies import Tallies
from apps.mail.figures import SETTLED
from apps.mail.models import MailboxMessage
from apps.mail.services import suppress
from apps.notifications.services import subscribe
from apps.notifications.services.readings import record_feedback
from apps.problems.services import create_problem
from apps.tags.models import Tag
from apps.tags.services import merge_tag, suggest_tag
from config.schedules import DEFAULT_SCHEDULES
from tests.factories import (
    DeliveryFactory,
    OutboundMailFactory,
    ProblemFactory,
    SentDeliveryFactory,
    SubscriptionFactory,
    TagFactory,
    UserFactory,
)


def fill() -> None:
    """Leave no table of ours empty; rows that belong together are tied together."""
    tag = TagFactory(parent=TagFactory())
    _fill_core_and_mail()
    _fill_accounts(UserFactory())
    _fill_tags_and_problems(tag, author=UserFactory())
    _fill_notifications(tag)


def _fill_core_and_mail() -> None:
    raise_alert("supply_low")
    record_heartbeat("beat")
    sync_schedules(DEFAULT_SCHEDULES)
    tallies = Tallies()
    tallies.count(SETTLED, "delivery", "sent")
    tallies.save()
    OutboundMailFactory()
    MailboxMessage.objects.create(
        message_id="<1@challenge.example>", recipient="a@example.org", subject="One", raw=b"One"
    )
    suppress(address="gone@example.org", kind="bounce")


def _fill_accounts(user: User) -> None:
    change_role(user_id=user.pk, role="curator", by=None)
    user.user_permissions.add(Permission.objects.all()[0])
    now = timezone.now()
    # Not by signing in: the tables of simplejwt must be empty for its migrations to go back.
    TokenFamily.objects.create(user=user, started_at=now, expires_at=now + timedelta(days=1))
    EmailChange.objects.create(
        user=user, old_email=user.email, new_email="new@example.org", requested_at=now
    )
    count_attempt(AttemptPurpose.values[0], user.email)


def _fill_tags_and_problems(tag: Tag, *, author: User) -> None:
    suggest_tag(name="Bun", source="user", by=author)
    create_problem(title="A leak", statement="Find it.", tags=[tag.pk, "Deno"], author=author)
    merge_tag(tag_id=TagFactory().pk, into_id=tag.pk, by=None)


def _fill_notifications(tag: Tag) -> None:
    subscription = SubscriptionFactory(tags=[tag])
    sent = SentDeliveryFactory(subscription=subscription, problem=ProblemFactory(tags=[tag]))
    DeliveryFactory(subscription=subscription, slot=2)
    record_feedback(challenge=sent, outcome="solved")
    subscribe(user=UserFactory(), door="api", tag_ids=[tag.pk])
