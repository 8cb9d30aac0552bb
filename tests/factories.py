"""Rows for tests, valid unless told otherwise."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import factory
from django.utils.timezone import now

from apps.accounts.models import User
from apps.core.text import normalize, slugify
from apps.mail.models import OutboundMail
from apps.notifications.models import Delivery, Subscription
from apps.problems.models import Problem, ProblemTag
from apps.problems.ranking import refresh_problems
from apps.tags.models import Tag, TagName, TagSuggestion
from apps.tags.tree import tree_lock

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"user{n}@example.org")
    email_verified_at = LONG_AGO
    password = factory.django.Password("correct horse battery")


class TagFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Tag

    name = factory.Sequence(lambda n: f"Topic {n}")
    slug = factory.LazyAttribute(lambda tag: slugify(tag.name))
    tag_type = "topic"

    @classmethod
    def _create(cls, model_class: type[Tag], *args: Any, **kwargs: Any) -> Tag:
        with tree_lock():
            parent = kwargs.get("parent")
            if parent is not None:
                parent.refresh_from_db()
            tag = super()._create(model_class, *args, **kwargs)
            TagName.objects.create(
                tag=tag, name=tag.name, normalized=normalize(tag.name), kind="primary"
            )
        return tag


class TagSuggestionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = TagSuggestion

    name = factory.Sequence(lambda n: f"Suggested {n}")
    normalized_name = factory.LazyAttribute(lambda suggestion: normalize(suggestion.name))
    source = "author"


class ProblemFactory(factory.django.DjangoModelFactory):
    """An approved problem; `tags=[…]` puts it under them and into the ranked lists."""

    class Meta:
        model = Problem
        skip_postgeneration_save = True

    title = factory.Sequence(lambda n: f"The problem number {n}")
    slug = factory.LazyAttribute(lambda problem: slugify(problem.title))
    statement = "A request takes two seconds. **Question** Where does the time go?"
    solution = "In the query. **Take away** Look at the plan."
    hints = factory.LazyFunction(lambda: ["Look at the plan.", "Look at the index."])
    difficulty = "medium"
    estimated_minutes = 15
    status = "approved"
    vetting_tier = "tier1_manual"
    approved_at = LONG_AGO

    @factory.post_generation
    def tags(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        if not create:
            return
        ProblemTag.objects.bulk_create(ProblemTag(problem=self, tag=tag) for tag in extracted or ())
        refresh_problems([self.pk])


class SubscriptionFactory(factory.django.DjangoModelFactory):
    """An active daily subscription that is due now."""

    class Meta:
        model = Subscription
        skip_postgeneration_save = True

    user = factory.SubFactory(UserFactory)
    delivery_time = time(8)
    timezone = "UTC"
    subscribed_at = LONG_AGO
    activated_at = LONG_AGO
    next_delivery_at = factory.LazyFunction(now)
    bucket = factory.Sequence(lambda n: n % 32)

    @factory.post_generation
    def tags(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        self.tags.set(extracted or ())


class DeliveryFactory(factory.django.DjangoModelFactory):
    """A planned challenge that is due now."""

    class Meta:
        model = Delivery
        skip_postgeneration_save = True

    subscription = factory.SubFactory(SubscriptionFactory)
    problem = factory.SubFactory(ProblemFactory)
    problem_version = 1
    kind = "challenge"
    slot = 1
    due_at = factory.LazyFunction(now)
    local_date = factory.LazyAttribute(lambda delivery: delivery.due_at.date())
    reason_code = "any"

    @factory.post_generation
    def count_slot(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        newest = self.subscription
        if (
            self.kind == "challenge"
            and self.status != "cancelled"
            and newest.slot_count < self.slot
        ):
            newest.slot_count, newest.last_due_at = self.slot, self.due_at
            newest.save(update_fields=["slot_count", "last_due_at"])


class SentDeliveryFactory(DeliveryFactory):
    """A challenge that has gone out."""

    class Meta:
        skip_postgeneration_save = True

    status = "sent"
    attempts = 1
    sent_at = factory.LazyFunction(now)
    message_id = factory.Sequence(lambda n: f"<sent.{n}@challenge.example>")


class OutboundMailFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = OutboundMail

    purpose = "verify_email"
    user = factory.SubFactory(UserFactory, email_verified_at=None)
    recipient = factory.SelfAttribute("user.email")
    due_at = factory.LazyFunction(now)
    expires_at = factory.LazyFunction(lambda: now() + timedelta(days=3))
