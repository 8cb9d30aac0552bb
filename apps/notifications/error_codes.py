"""The words of errors about subscriptions and deliveries."""

from apps.core.error_codes import register


def register_all() -> None:
    """Called once, from AppConfig.ready."""
    register("not_verified", "The caller's address is not verified yet.", 403)
    register("not_subscribed", "There is no subscription, or it has ended.", 404, 409)
    register("already_subscribed", "There is a subscription, active or paused.", 409)
    register("not_delivered", "Its challenge was not sent to the caller yet.", 409)
