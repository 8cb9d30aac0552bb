"""Who gets what, when: subscriptions, the consent behind them, and the ledger of deliveries."""

from datetime import time

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from apps.core.constraints import choices_check
from apps.core.validators import validate_timezone
from apps.mail.models import Outgoing, outgoing_constraints, outgoing_indexes
from apps.notifications.querysets import DeliveryQuerySet, SubscriptionQuerySet
from apps.problems.models import Difficulty, Problem
from apps.tags.models import Tag

MAX_INTERESTS = 10
BUCKETS = 32


class SubscriptionStatus(models.TextChoices):
    """Whether challenges are planned for somebody."""

    ACTIVE = "active"
    PAUSED = "paused"
    UNSUBSCRIBED = "unsubscribed"


def every_day() -> list[int]:
    return [1, 2, 3, 4, 5, 6, 7]


def all_difficulties() -> list[str]:
    return list(Difficulty.values)


class Subscription(models.Model):
    """One person's wishes and their place in the plan; made by subscribing, never by registering.

    Written by notifications.services. `slot_count` is the highest slot in use; `last_due_at` is
    when the newest challenge was due; `activated_at` may lie ahead while a pause has an end.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="subscription"
    )
    status = models.CharField(
        max_length=12,
        choices=SubscriptionStatus.choices,
        default=SubscriptionStatus.ACTIVE,
        editable=False,
    )
    paused_until = models.DateField(null=True, blank=True, editable=False)
    tags = models.ManyToManyField(
        Tag, through="SubscriptionTag", related_name="subscriptions", blank=True
    )
    difficulties = ArrayField(
        models.CharField(max_length=6, choices=Difficulty.choices), default=all_difficulties
    )
    delivery_time = models.TimeField(default=time(8))
    timezone = models.CharField(max_length=64, default="UTC", validators=[validate_timezone])
    weekdays = ArrayField(models.PositiveSmallIntegerField(), default=every_day)
    send_solutions = models.BooleanField(default=True)
    subscribed_at = models.DateTimeField()
    activated_at = models.DateTimeField()
    next_delivery_at = models.DateTimeField(null=True, blank=True)
    last_due_at = models.DateTimeField(null=True, blank=True)
    starved_at = models.DateTimeField(null=True, blank=True)
    slot_count = models.PositiveIntegerField(default=0)
    bucket = models.PositiveSmallIntegerField()

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            choices_check("subscription", "status", SubscriptionStatus),
            models.CheckConstraint(
                condition=Q(bucket__lt=BUCKETS), name="subscription_bucket_in_range"
            ),
            models.CheckConstraint(
                condition=Q(difficulties__contained_by=list(Difficulty.values))
                & Q(difficulties__len__range=(1, 3)),
                name="subscription_difficulties_known",
            ),
            models.CheckConstraint(
                condition=Q(weekdays__contained_by=[1, 2, 3, 4, 5, 6, 7])
                & Q(weekdays__len__range=(1, 7)),
                name="subscription_weekdays_iso",
            ),
            models.CheckConstraint(
                condition=Q(status="active", next_delivery_at__isnull=False) | ~Q(status="active"),
                name="subscription_active_has_next",
            ),
            models.CheckConstraint(
                condition=~Q(status="active") | Q(paused_until__isnull=True),
                name="subscription_active_not_paused",
            ),
            models.CheckConstraint(
                condition=Q(status="active") | Q(next_delivery_at__isnull=True),
                name="subscription_idle_has_no_next",
            ),
            models.CheckConstraint(
                condition=Q(delivery_time__second=0),
                name="subscription_delivery_time_to_the_minute",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_delivery_at", "id"],
                condition=Q(status="active"),
                name="subscription_due",
            ),
            models.Index(
                fields=["activated_at"],
                condition=Q(status="paused", paused_until__isnull=False),
                name="subscription_resuming",
            ),
        ]

    def __str__(self) -> str:
        return f"subscription {self.pk}"


class SubscriptionTag(models.Model):
    """An interest."""

    subscription = models.ForeignKey(
        Subscription, on_delete=models.CASCADE, related_name="interests"
    )
    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, related_name="interests")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subscription", "tag"], name="subscriptiontag_once")
        ]

    def __str__(self) -> str:
        return f"subscription {self.subscription_id} tag {self.tag_id}"


class ConsentAction(models.TextChoices):
    """What somebody agreed to or took back."""

    SUBSCRIBED = "subscribed"
    UNSUBSCRIBED = "unsubscribed"


class ConsentEvent(models.Model):
    """What was agreed to or taken back, in which words, when and through which door.

    Append-only, by a trigger.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="consent_events",
    )
    address_digest = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=12, choices=ConsentAction.choices)
    words = models.CharField(max_length=500, blank=True)
    door = models.CharField(max_length=20)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [choices_check("consentevent", "action", ConsentAction)]

    def __str__(self) -> str:
        return f"{self.action} {self.created_at:%Y-%m-%d}"


class DeliveryKind(models.TextChoices):
    """What a delivery carries."""

    CHALLENGE = "challenge"
    SOLUTION = "solution"


class ReasonCode(models.TextChoices):
    """Why this problem: the interest whose turn it was, the next one, or wider."""

    INTEREST = "interest"
    PARENT = "parent"
    ANY = "any"


class Delivery(Outgoing):
    """One challenge or solution for one subscriber: outbox and history in one row, never deleted.

    The planner writes challenges, settling one writes its solution; mail.sending moves the status.
    """

    subscription = models.ForeignKey(
        Subscription, on_delete=models.PROTECT, related_name="deliveries", db_index=False
    )
    problem = models.ForeignKey(Problem, on_delete=models.PROTECT, related_name="deliveries")
    problem_version = models.PositiveIntegerField()
    kind = models.CharField(max_length=9, choices=DeliveryKind.choices)
    slot = models.PositiveIntegerField()
    local_date = models.DateField()
    reason_code = models.CharField(max_length=8, choices=ReasonCode.choices)
    reason_interest = models.ForeignKey(
        Tag, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    reason_path = models.CharField(max_length=200, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["-due_at", "-id"]
        constraints = [
            *outgoing_constraints("delivery"),
            models.UniqueConstraint(
                fields=["subscription", "slot", "kind"],
                condition=~Q(status="cancelled"),
                name="delivery_one_per_slot_and_kind",
            ),
            models.UniqueConstraint(
                fields=["subscription", "problem", "kind"],
                condition=~Q(status="cancelled"),
                name="delivery_problem_once",
            ),
            models.CheckConstraint(condition=Q(slot__gte=1), name="delivery_slot_counts_from_one"),
            choices_check("delivery", "kind", DeliveryKind),
            choices_check("delivery", "reason_code", ReasonCode),
        ]
        indexes = [
            *outgoing_indexes("delivery"),
            models.Index(fields=["subscription", "-due_at", "-id"], name="delivery_history"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Outcome(models.TextChoices):
    """How it went, in the reader's own judgement."""

    SOLVED = "solved"
    TRIED = "tried"
    SKIPPED = "skipped"


class DifficultyFelt(models.TextChoices):
    """How hard it was for this reader."""

    TOO_EASY = "too_easy"
    RIGHT = "right"
    TOO_HARD = "too_hard"


class Reading(models.Model):
    """What one reader did with one challenge: hints asked for, solution revealed, how it went.

    Made when they first do anything; written by notifications.services.readings.
    """

    delivery = models.OneToOneField(
        Delivery, primary_key=True, on_delete=models.PROTECT, related_name="reading"
    )
    hints_shown = models.PositiveSmallIntegerField(default=0)
    revealed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=7, choices=Outcome.choices, blank=True)
    marked_at = models.DateTimeField(null=True, blank=True)
    difficulty_felt = models.CharField(max_length=8, choices=DifficultyFelt.choices, blank=True)
    rating = models.PositiveSmallIntegerField(null=True, blank=True)
    comment = models.CharField(max_length=2000, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-updated_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="", marked_at__isnull=True)
                | Q(outcome__in=Outcome.values, marked_at__isnull=False),
                name="reading_outcome_known_and_dated",
            ),
            models.CheckConstraint(
                condition=Q(difficulty_felt__in=["", *DifficultyFelt.values]),
                name="reading_difficulty_felt_known",
            ),
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__range=(1, 5)),
                name="reading_rating_one_to_five",
            ),
        ]

    def __str__(self) -> str:
        return f"reading of delivery {self.pk}"
