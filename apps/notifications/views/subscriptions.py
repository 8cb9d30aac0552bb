"""One's own subscription."""

from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from apps.accounts.authentication import signed_in_user
from apps.core.caching import require_match
from apps.core.endpoints import Endpoint
from apps.core.serializers import NoInput
from apps.notifications import examples, services
from apps.notifications.models import Subscription
from apps.notifications.permissions import IsVerified
from apps.notifications.selectors import own_subscription
from apps.notifications.serializers import (
    PauseInput,
    SubscribeInput,
    SubscriptionSerializer,
    WishesInput,
)

# Which door of the platform somebody came through, as the record of their consent names it.
DOOR = "api"
CONSENT_WORDS = "Send me one engineering problem a day by e-mail. I can stop at any time."


class OwnSubscription(Endpoint):
    """Your subscription. Nobody has one by registering."""

    permission_classes = (IsVerified,)
    is_tagged = True
    error_codes = {
        "get": (("not_subscribed", 404),),
        "post": ("already_subscribed",),
        "patch": (("not_subscribed", 404), "precondition_failed"),
    }

    @extend_schema(
        operation_id="subscription_retrieve",
        responses=SubscriptionSerializer,
        examples=[examples.SUBSCRIPTION],
    )
    def get(self, request: Request) -> Response:
        return Response(represent(own_subscription(signed_in_user(request))))

    @extend_schema(
        operation_id="subscription_create",
        request=SubscribeInput,
        responses={201: SubscriptionSerializer, 200: SubscriptionSerializer},
        examples=[examples.SUBSCRIBING, examples.SUBSCRIPTION],
        description=(
            "Subscribe; 200 when an earlier subscription becomes active again. `consent` says that"
            f" the person agreed to these words: “{CONSENT_WORDS}”"
        ),
    )
    def post(self, request: Request) -> Response:
        wishes = self.read_input(SubscribeInput)
        subscription, is_new = services.subscribe(
            user=signed_in_user(request), door=DOOR, words=CONSENT_WORDS, **wishes
        )
        headers = {"Location": reverse("api:subscription", request=request)} if is_new else {}
        return Response(represent(subscription), status=201 if is_new else 200, headers=headers)

    @extend_schema(
        operation_id="subscription_update",
        request=WishesInput,
        responses=SubscriptionSerializer,
        examples=[examples.CHANGE, examples.SUBSCRIPTION],
    )
    def patch(self, request: Request) -> Response:
        """Change what is named; status is changed by pause, resume and unsubscribe."""
        changes, user = self.read_input(WishesInput, partial=True), signed_in_user(request)
        with transaction.atomic():
            require_match(request, represent(own_subscription(user, lock=True)))
            subscription = services.change_subscription(user=user, **changes)
        return Response(represent(subscription))


class Pause(Endpoint):
    """No mail until a day, or until you resume."""

    permission_classes = (IsVerified,)
    error_codes = {"post": ("not_subscribed",)}

    @extend_schema(
        operation_id="subscription_pause",
        request=PauseInput,
        responses=SubscriptionSerializer,
        examples=[examples.PAUSE, examples.SUBSCRIPTION],
    )
    def post(self, request: Request) -> Response:
        wish = self.read_input(PauseInput)
        subscription = services.pause_subscription(user=signed_in_user(request), **wish)
        return Response(represent(subscription))


class Resume(Endpoint):
    """Mail again from now on."""

    permission_classes = (IsVerified,)
    error_codes = {"post": ("not_subscribed",)}

    @extend_schema(
        operation_id="subscription_resume",
        request=None,
        responses=SubscriptionSerializer,
        examples=[examples.SUBSCRIPTION],
    )
    def post(self, request: Request) -> Response:
        self.read_input(NoInput)
        return Response(represent(services.resume_subscription(user=signed_in_user(request))))


class Unsubscribe(Endpoint):
    """No more mail. What was sent stays readable."""

    permission_classes = (IsVerified,)
    error_codes = {"post": (("not_subscribed", 404),)}

    @extend_schema(
        operation_id="subscription_unsubscribe",
        request=None,
        responses=SubscriptionSerializer,
        examples=[examples.SUBSCRIPTION],
    )
    def post(self, request: Request) -> Response:
        self.read_input(NoInput)
        subscription = services.unsubscribe(user=signed_in_user(request), door=DOOR)
        return Response(represent(subscription))


def represent(subscription: Subscription) -> Any:
    """The subscription as its owner sees it."""
    return SubscriptionSerializer(subscription).data
