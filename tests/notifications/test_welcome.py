"""The mail after the first subscription."""

import pytest

from apps.mail.models import OutboundMail
from apps.mail.rendering import compose
from apps.notifications.services import subscribe, unsubscribe
from tests.factories import SubscriptionFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_the_first_subscription_is_welcomed_with_a_way_to_change_it():
    user = UserFactory(display_name="Ada")

    subscribe(user=user, door="api")

    mail = OutboundMail.objects.get()
    message = compose([mail])[mail.pk]
    assert (mail.purpose, message.recipient) == ("welcome", user.email)
    assert message.subject == "Welcome to Daily Challenge"
    assert "Welcome, Ada" in message.text
    assert "https://challenge.example/manage/" in message.text


def test_a_later_subscription_is_not_welcomed_again():
    subscription = SubscriptionFactory(status="unsubscribed", next_delivery_at=None)

    subscribe(user=subscription.user, door="api")

    assert not OutboundMail.objects.exists()


def test_who_left_before_it_was_written_gets_none():
    user = UserFactory()
    subscribe(user=user, door="api")
    unsubscribe(user=user, door="api")

    assert compose(list(OutboundMail.objects.all())) == {}
