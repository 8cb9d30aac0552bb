"""What nobody else may know."""

from config.environment import Variable
from config.readers import flag, key, keys, optional, token

SECRETS = (
    Variable(
        name="SECRET_KEY",
        meaning="Signs sessions and the links in mails.",
        read=key(50),
        demo="demo-only-abcdefghijklmnopqrstuvwxyz-0123456789-0123456789",
        is_required=True,
        is_secret=True,
    ),
    Variable(
        name="SECRET_KEY_FALLBACKS",
        meaning="Earlier values of `SECRET_KEY` whose links still work, separated by commas.",
        read=keys(50),
        is_secret=True,
    ),
    Variable(
        name="ADDRESS_KEY",
        meaning="Keys the hashes of addresses that must not be written to any more. Never change "
        "it; without one of its own, give it the old `SECRET_KEY` before that changes.",
        read=key(50),
        default="$SECRET_KEY",
        is_secret=True,
    ),
    Variable(
        name="JWT_SIGNING_KEY",
        meaning="Signs the API's access and refresh tokens.",
        read=key(32),
        demo="demo-only-jwt-abcdefghijklmnopqrstuvwxyz-0123456789",
        is_required=True,
        is_secret=True,
    ),
    Variable(
        name="METRICS_TOKEN",
        meaning="Opens `/metrics` and the details of `/api/health/status/` as a Bearer token. "
        "Without it `/metrics` is not there.",
        read=optional(token(16)),
        is_secret=True,
    ),
    Variable(
        name="FLOWER_PASSWORD",
        meaning="The password of the user `operator` of Flower. Flower does not start without it.",
        read=optional(key(16)),
        is_secret=True,
    ),
    Variable(
        name="ADMIN_OTP_REQUIRED",
        meaning="Whether staff need a second factor: the admin stays shut without one, and a "
        "sign-in to the API without one gives the rights of a subscriber. Whoever has set one up "
        "is asked for it in any case.",
        read=flag,
        default="0",
    ),
)
