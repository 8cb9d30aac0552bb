"""The accounts of a demo and what its subscriber has been sent. Only ever used under DEMO."""

import json
import os
import secrets
import tempfile
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Role, User
from apps.accounts.services import change_role
from apps.mail.models import HANDED_OVER, MailboxMessage
from apps.notifications.models import Delivery, Subscription, SubscriptionStatus
from apps.notifications.services import subscribe
from apps.tags.selectors import resolve

ADMIN = "admin@example.org"
CURATOR = "curator@example.org"
SUBSCRIBER = "demo@example.org"
ROLES = {ADMIN: Role.ADMIN, CURATOR: Role.CURATOR, SUBSCRIBER: Role.SUBSCRIBER}
INTERESTS = ("Python", "PostgreSQL")
WORDS = "Made by the demo."


def make_demo(*, now: datetime | None = None) -> list[str]:
    """Make what is missing of the accounts and the subscription; returns what was made, in words.

    The passwords are random, made once and kept in DATA_DIR, so that the next start shows the same.
    """
    now = now or timezone.now()
    passwords = _passwords(settings.DATA_DIR / "demo-accounts.json")
    done = [_make_account(email, passwords[email], now) for email in ROLES]
    return [*filter(None, done), *_make_subscription(now)]


def _passwords(path: Path) -> dict[str, str]:
    if path.exists():
        kept: dict[str, str] = json.loads(path.read_text())
        return kept
    made = {email: secrets.token_urlsafe(12) for email in ROLES}
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Private from the start, and whole before it has its name: a killed start leaves no half of it.
    descriptor, making = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "w") as file:
        json.dump(made, file, indent=1)
    Path(making).rename(path)
    return made


def _make_account(email: str, password: str, now: datetime) -> str:
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, password, email_verified_at=now)
        change_role(user_id=user.pk, role=ROLES[email], by=None)
        return f"{email}: made"
    if user.check_password(password):
        return ""
    # The data folder was lost and the database was not.
    user.set_password(password)
    user.save(update_fields=["password"])
    return f"{email}: given a new password"


def _make_subscription(now: datetime) -> list[str]:
    user = User.objects.get(email=SUBSCRIBER)
    if Subscription.objects.filter(user=user).exists():
        return []
    # As of the start of this minute, so that the first challenge is due at once.
    minute = now.replace(second=0, microsecond=0)
    tags = resolve(INTERESTS).values()
    subscribe(
        user=user,
        tag_ids=[tag.pk for tag in tags],
        delivery_time=minute.time(),
        timezone="UTC",
        door="demo",
        words=WORDS,
        now=minute,
    )
    return [f"{SUBSCRIBER}: subscribed, every day at {minute:%H:%M} UTC"]


@dataclass(frozen=True, slots=True)
class DemoChallenge:
    """How the demo subscriber stands today.

    state: `first` was sent since the given instant · `already` today's was sent · `later` it is not
    due yet · `none` the subscription is not active, for `reason` · `missing` it is due and unsent.
    `link` is its page in the mailbox, if any.
    """

    state: str
    link: str = ""
    due_at: str = ""
    reason: str = ""

    def as_json(self) -> str:
        return json.dumps(asdict(self))


def demo_challenge(*, since: datetime, now: datetime | None = None) -> DemoChallenge:
    """What became of the demo subscriber's challenge of today."""
    now = now or timezone.now()
    subscription = Subscription.objects.get(user__email=SUBSCRIBER)
    challenges = Delivery.objects.challenges().filter(subscription=subscription)
    sent = challenges.filter(status__in=HANDED_OVER).order_by("-slot").first()
    if sent and sent.slot == 1 and sent.sent_at and sent.sent_at >= since:
        return DemoChallenge("first", link=_link(sent))
    if sent and sent.local_date == now.date():
        return DemoChallenge("already", link=_link(sent))
    if subscription.status != SubscriptionStatus.ACTIVE:
        return DemoChallenge("none", reason=subscription.status)
    due_at = subscription.next_delivery_at
    if due_at and due_at > now and not challenges.open().exists():
        return DemoChallenge("later", due_at=f"{due_at:%Y-%m-%d %H:%M} UTC")
    return DemoChallenge("missing")


def _link(delivery: Delivery) -> str:
    message = MailboxMessage.objects.filter(message_id=delivery.message_id).first()
    if message is None:
        return ""
    path = reverse("pages:mailbox-message", args=[message.pk])
    return f"{settings.SITE_URL}{path}"
