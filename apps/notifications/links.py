"""The links of challenges and solutions: which token each carries, and what a token stands for."""

from django.conf import settings

from apps.core.tokens import TokenPurpose, TokenValue, invalid_token, make_token, read_token
from apps.mail.message import address_digest
from apps.notifications.models import Delivery, Subscription

# Enough of the address's keyed hash to notice that the address has changed.
_FINGERPRINT_LENGTH = 16


def read_url(token: str) -> str:
    """The page of a challenge: statement, hints, and the solution once it is theirs."""
    return f"{settings.SITE_URL}/read/{token}/"


def feedback_url(token: str) -> str:
    """Where a challenge is marked solved, tried or skipped."""
    return f"{settings.SITE_URL}/feedback/{token}/"


def unsubscribe_url(token: str) -> str:
    """Where one POST ends the subscription."""
    return f"{settings.SITE_URL}/unsubscribe/{token}/"


def manage_url(token: str) -> str:
    """Where the subscription is changed, on our own pages or a front end's."""
    url: str = settings.MANAGE_URL
    return url.replace("{token}", token)


def pause_url(token: str) -> str:
    """Where it is paused: the part of the same page, unless the token itself is in the fragment."""
    url = manage_url(token)
    return url if "#" in url else f"{url}#pause"


def make_read_token(challenge_id: int) -> str:
    return make_token(TokenPurpose.READ, challenge_id)


def make_feedback_token(challenge_id: int) -> str:
    return make_token(TokenPurpose.FEEDBACK, challenge_id)


def make_unsubscribe_token(subscription_id: int) -> str:
    return make_token(TokenPurpose.UNSUBSCRIBE, subscription_id)


def make_manage_token(subscription_id: int, email: str) -> str:
    """Good until the subscriber's address is another."""
    return make_token(TokenPurpose.MANAGE, subscription_id, _fingerprint(email))


def challenge_of(purpose: TokenPurpose, token: str) -> Delivery | None:
    """The challenge a read or feedback token stands for; None after erasure or before it was sent.

    InvalidInputError `invalid_token` for a bad or old token.
    """
    (challenge_id,) = read_token(purpose, token, count=1)
    challenges = Delivery.objects.challenges().visible().filter(pk=challenge_id)
    challenge = challenges.select_related("subscription__user", "problem").first()
    return None if challenge is None or challenge.subscription.user.is_erased else challenge


def subscription_of_unsubscribe_token(token: str) -> Subscription | None:
    """Whose subscription the token ends; None after erasure. InvalidInputError `invalid_token`."""
    (subscription_id,) = read_token(TokenPurpose.UNSUBSCRIBE, token, count=1)
    return _subscription(subscription_id)


def subscription_of_manage_token(token: str) -> Subscription | None:
    """Whose subscription the token changes; None after erasure.

    InvalidInputError `invalid_token` also once the address has changed.
    """
    subscription_id, fingerprint = read_token(TokenPurpose.MANAGE, token, count=2)
    subscription = _subscription(subscription_id)
    if subscription is not None and fingerprint != _fingerprint(subscription.user.email):
        raise invalid_token()
    return subscription


def _subscription(subscription_id: TokenValue) -> Subscription | None:
    """None also when all that remains of it are counts."""
    subscription = Subscription.objects.select_related("user").filter(pk=subscription_id).first()
    return None if subscription is None or subscription.user.is_erased else subscription


def _fingerprint(email: str) -> str:
    return address_digest(email)[:_FINGERPRINT_LENGTH]
