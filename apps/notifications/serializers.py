"""Subscriptions and deliveries over HTTP."""

from datetime import date, timedelta
from typing import Any

from django.db import models
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.core.fields import FlagField, LocalTimeField, TimezoneField, WholeNumberField
from apps.core.serializers import InputSerializer
from apps.mail.models import OutgoingStatus
from apps.notifications.models import (
    MAX_INTERESTS,
    Delivery,
    DeliveryKind,
    DifficultyFelt,
    Outcome,
    Reading,
    ReasonCode,
    Subscription,
    SubscriptionStatus,
)
from apps.notifications.reasons import reason_text
from apps.notifications.selectors import outcomes_of
from apps.notifications.streak import streak
from apps.notifications.today import Today, TodayState
from apps.problems.models import Difficulty
from apps.problems.serializers import ProblemBriefSerializer
from apps.tags.serializers import TagRefSerializer, TagRefsField

# A pause that long is an unsubscription that somebody forgot.
_LONGEST_PAUSE = timedelta(days=366)


class DeliveryStatus(models.TextChoices):
    """What the outside world sees of a delivery's status."""

    SCHEDULED = "scheduled"
    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    FAILED = "failed"
    CANCELLED = "cancelled"


_PUBLIC_STATUS = {
    OutgoingStatus.PLANNED: DeliveryStatus.SCHEDULED,
    OutgoingStatus.CLAIMED: DeliveryStatus.SCHEDULED,
    OutgoingStatus.SENDING: DeliveryStatus.SCHEDULED,
    OutgoingStatus.UNCERTAIN: DeliveryStatus.SCHEDULED,
    OutgoingStatus.SENT: DeliveryStatus.SENT,
    OutgoingStatus.DELIVERED: DeliveryStatus.DELIVERED,
    OutgoingStatus.COMPLAINED: DeliveryStatus.DELIVERED,
    OutgoingStatus.BOUNCED: DeliveryStatus.BOUNCED,
    OutgoingStatus.FAILED: DeliveryStatus.FAILED,
    OutgoingStatus.CANCELLED: DeliveryStatus.CANCELLED,
}


class WishesInput(InputSerializer):
    """What a subscriber may wish for."""

    tags = TagRefsField(limit=MAX_INTERESTS, required=False)
    difficulties = serializers.ListField(
        child=serializers.ChoiceField(choices=Difficulty.choices),
        min_length=1,
        max_length=len(Difficulty),
        required=False,
    )
    delivery_time = LocalTimeField(required=False)
    timezone = TimezoneField(required=False)
    weekdays = serializers.ListField(
        child=WholeNumberField(min_value=1, max_value=7),
        min_length=1,
        max_length=7,
        required=False,
        help_text="ISO weekdays; 1 is Monday.",
    )
    send_solutions = FlagField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Tags in the form that services take."""
        if "tags" in attrs:
            attrs["tag_ids"] = [tag.pk for tag in attrs.pop("tags")]
        return attrs


class SubscribeInput(WishesInput):
    consent = FlagField(help_text="Must be true: the person has agreed to the words shown to them.")

    def validate_consent(self, has_consented: bool) -> bool:
        if not has_consented:
            raise serializers.ValidationError(
                "Nobody is subscribed without their consent.", code="consent_missing"
            )
        return has_consented

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs.pop("consent")
        return super().validate(attrs)


class PauseInput(InputSerializer):
    until = serializers.DateField(
        required=False,
        allow_null=True,
        help_text="The first day with mail again, in the subscriber's zone; at most a year ahead.",
    )

    def validate_until(self, until: date | None) -> date | None:
        today = timezone.now().date()
        if until and not today - timedelta(days=1) <= until <= today + _LONGEST_PAUSE:
            raise serializers.ValidationError(
                "This day must lie ahead, at most a year.", code="out_of_range"
            )
        return until


class StreakSerializer(serializers.Serializer[Any]):
    """Challenges in a row that were marked solved or tried."""

    current = serializers.IntegerField()
    longest = serializers.IntegerField()


class SubscriptionSerializer(serializers.ModelSerializer[Subscription]):
    """Somebody's own subscription."""

    status = serializers.ChoiceField(choices=SubscriptionStatus.choices, read_only=True)
    tags = TagRefSerializer(many=True, read_only=True)
    difficulties = serializers.ListField(
        child=serializers.ChoiceField(choices=Difficulty.choices), read_only=True
    )
    delivery_time = LocalTimeField(read_only=True)
    weekdays = serializers.ListField(child=serializers.IntegerField(), read_only=True)
    streak = serializers.SerializerMethodField()

    class Meta:
        model = Subscription
        fields = (
            "status",
            "tags",
            "difficulties",
            "delivery_time",
            "weekdays",
            "timezone",
            "send_solutions",
            "paused_until",
            "subscribed_at",
            "next_delivery_at",
            "streak",
        )
        read_only_fields = fields

    @extend_schema_field(StreakSerializer)
    def get_streak(self, subscription: Subscription) -> dict[str, int]:
        counted = streak(outcomes_of(subscription))
        return {"current": counted.current, "longest": counted.longest}


class ReasonSerializer(serializers.Serializer[Delivery]):
    """Why this problem: the interest whose turn it was, and the way from it down to the problem."""

    code = serializers.ChoiceField(choices=ReasonCode.choices, source="reason_code")
    interest = TagRefSerializer(source="reason_interest", allow_null=True)
    path = serializers.CharField(source="reason_path")
    text = serializers.SerializerMethodField()

    def get_text(self, delivery: Delivery) -> str:
        return reason_text(delivery.reason_code, delivery.reason_path)


class FeedbackSerializer(serializers.Serializer[Reading]):
    """What somebody made of a challenge."""

    outcome = serializers.ChoiceField(choices=Outcome.choices)
    difficulty_felt = serializers.ChoiceField(choices=DifficultyFelt.choices, allow_null=True)
    rating = serializers.IntegerField(min_value=1, max_value=5, allow_null=True)
    comment = serializers.CharField()


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """A challenge or a solution that was or is being sent to the caller."""

    kind = serializers.ChoiceField(choices=DeliveryKind.choices)
    problem = ProblemBriefSerializer()
    status = serializers.SerializerMethodField()
    reason = ReasonSerializer(source="*")
    feedback = serializers.SerializerMethodField()

    class Meta:
        model = Delivery
        fields = (
            "id",
            "kind",
            "problem",
            "local_date",
            "due_at",
            "status",
            "sent_at",
            "reason",
            "feedback",
        )
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=DeliveryStatus.choices))
    def get_status(self, delivery: Delivery) -> str:
        return _PUBLIC_STATUS[OutgoingStatus(delivery.status)]

    @extend_schema_field(FeedbackSerializer(allow_null=True))
    def get_feedback(self, delivery: Delivery) -> dict[str, Any] | None:
        reading = getattr(delivery, "reading", None)
        if reading is None or not reading.outcome:
            return None
        return {
            "outcome": reading.outcome,
            "difficulty_felt": reading.difficulty_felt or None,
            "rating": reading.rating,
            "comment": reading.comment,
        }


class TodaySerializer(serializers.Serializer[Today]):
    """What today holds."""

    local_date = serializers.DateField(help_text="Today, in the subscriber's zone.")
    state = serializers.ChoiceField(choices=TodayState.choices)
    delivery = DeliverySerializer(allow_null=True)
    next_delivery_at = serializers.DateTimeField(allow_null=True)
