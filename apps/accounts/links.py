"""The links of account mails: which token each carries, and for whom a token that comes back is
still good.
"""

from django.conf import settings
from django.utils.crypto import salted_hmac

from apps.accounts.models import EmailChange, User
from apps.core.tokens import TokenPurpose, invalid_token, make_token, read_token

# Bind a token to what its use changes, so that it works once, and to what makes older ones
# worthless.
_FINGERPRINT_LENGTH = 16


def verify_link(user: User) -> str:
    """Proves that the address is theirs.

    Dies when used, and when somebody registers the address anew.
    """
    return _link(
        settings.VERIFY_EMAIL_URL,
        make_token(TokenPurpose.VERIFY, user.pk, _fingerprint(user, TokenPurpose.VERIFY)),
    )


def reset_link(user: User) -> str:
    """Lets them choose a password. Dies when the password changes."""
    return _link(
        settings.PASSWORD_RESET_URL,
        make_token(TokenPurpose.RESET, user.pk, _fingerprint(user, TokenPurpose.RESET)),
    )


def ask_for_reset_link() -> str:
    """Where a password is asked for anew: the reset page without a token."""
    url: str = settings.PASSWORD_RESET_URL
    return url.partition("{token}")[0].rstrip("#")


def change_link(change: EmailChange) -> str:
    """Goes to the new address and confirms it."""
    return _link(settings.EMAIL_CHANGE_URL, make_token(TokenPurpose.EMAIL_CHANGE, change.pk))


def undo_link(change: EmailChange) -> str:
    """Goes to the old address and takes the change back, confirmed already or not."""
    return _link(settings.EMAIL_UNDO_URL, make_token(TokenPurpose.EMAIL_UNDO, change.pk))


def user_of_token(purpose: TokenPurpose, token: str) -> User:
    """Whom a verify or reset token was made for, row locked.

    InvalidInputError `invalid_token` when used or old.

    Call it inside a transaction.
    """
    user_id, fingerprint = read_token(purpose, token, count=2)
    user = User.objects.select_for_update().filter(pk=user_id, is_active=True).first()
    if user is None or fingerprint != _fingerprint(user, purpose):
        raise invalid_token()
    return user


def change_of_token(purpose: TokenPurpose, token: str) -> EmailChange:
    """Which address change a token is about, rows locked.

    InvalidInputError `invalid_token` for a bad or old one.

    Call it inside a transaction.
    """
    (change_id,) = read_token(purpose, token, count=1)
    change = (
        EmailChange.objects.select_for_update()
        .select_related("user")
        .filter(pk=change_id, user__is_active=True)
        .first()
    )
    if change is None:
        raise invalid_token()
    return change


def _fingerprint(user: User, purpose: TokenPurpose) -> str:
    state = f"{user.pk}|{user.email}|{user.password}|{user.is_email_verified}"
    return salted_hmac(f"dc.{purpose}", state).hexdigest()[:_FINGERPRINT_LENGTH]


def _link(url: str, token: str) -> str:
    return url.replace("{token}", token)
