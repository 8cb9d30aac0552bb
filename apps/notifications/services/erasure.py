"""What remains of a subscriber who is erased: counts, and that they once agreed."""

from django.db import transaction

from apps.accounts.models import User
from apps.mail.message import address_digest
from apps.notifications.models import (
    ConsentAction,
    ConsentEvent,
    Delivery,
    Reading,
    Subscription,
    SubscriptionStatus,
    all_difficulties,
    every_day,
)
from apps.notifications.services.deliveries import call_off
from apps.notifications.services.subscriptions import wait_for_settling

DOOR = "erasure"


def erase_subscriber(*, user: User) -> None:
    """Part the person from subscription, deliveries, readings and consent; send nothing more.

    Runs in the transaction of the erasure, before the address is gone; after its commit the caller
    waits for the one row that may be under way.
    """
    digest = address_digest(user.email)
    subscription = Subscription.objects.select_for_update().filter(user=user).first()
    if subscription is not None:
        if subscription.status != SubscriptionStatus.UNSUBSCRIBED:
            ConsentEvent.objects.create(user=user, action=ConsentAction.UNSUBSCRIBED, door=DOOR)
        _empty(subscription)
        transaction.on_commit(lambda: wait_for_settling(subscription))
    ConsentEvent.objects.filter(user=user).update(user=None, address_digest=digest)


def _empty(subscription: Subscription) -> None:
    deliveries = Delivery.objects.filter(subscription=subscription)
    call_off(deliveries, code="erased")
    deliveries.update(reason_interest=None, reason_path="")
    Reading.objects.filter(delivery__subscription=subscription).update(comment="")
    subscription.interests.all().delete()
    subscription.refresh_from_db()
    subscription.status = SubscriptionStatus.UNSUBSCRIBED
    subscription.paused_until = subscription.next_delivery_at = None
    subscription.timezone = Subscription._meta.get_field("timezone").get_default()
    subscription.delivery_time = Subscription._meta.get_field("delivery_time").get_default()
    subscription.difficulties, subscription.weekdays = all_difficulties(), every_day()
    subscription.save()
