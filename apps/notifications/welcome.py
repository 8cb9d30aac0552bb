"""The mail that follows the first subscription: what will come, and where to change it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from apps.mail.models import OutboundMail
from apps.mail.services import queue_mail
from apps.notifications import links
from apps.notifications.models import Subscription, SubscriptionStatus

PURPOSE = "welcome"
# Later it would come after the first challenge, and only puzzle.
_LIFETIME = timedelta(days=1)


def queue_welcome(subscription: Subscription, now: datetime) -> None:
    """Queue it in the transaction of the subscription."""
    user = subscription.user
    queue_mail(purpose=PURPOSE, user=user, recipient=user.email, expires_at=now + _LIFETIME)


def welcome_context(row: OutboundMail) -> Mapping[str, Any] | None:
    """What the templates need; None once the subscription has ended again."""
    subscription = Subscription.objects.select_related("user").filter(user=row.user_id).first()
    if subscription is None or subscription.status == SubscriptionStatus.UNSUBSCRIBED:
        return None
    return {
        "display_name": subscription.user.display_name,
        "link": links.manage_url(links.make_manage_token(subscription.pk, subscription.user.email)),
    }
