"""Changing the address: asked for with the password, confirmed from the new one, undone from the
old one.
"""

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts import links, mails, sessions
from apps.accounts.attempts import count_attempt
from apps.accounts.models import AttemptPurpose, EmailChange, User
from apps.accounts.services.passwords import require_password
from apps.core.errors import ConflictError, InvalidInputError
from apps.core.text import normalize
from apps.core.tokens import TokenPurpose, invalid_token


def request_email_change(*, user: User, current_password: str, new_email: str) -> None:
    """Queue a link to the new address and a notice to the old.

    For a taken address nothing but the answer is the same.
    """
    require_password(user, current_password)
    new_email = normalize(new_email)
    if new_email == user.email:
        raise InvalidInputError(
            "This is your address already.", code="unchanged", field="new_email"
        )
    count_attempt(AttemptPurpose.MAIL, new_email)
    with transaction.atomic():
        owner = User.objects.filter(email=new_email).first()
        if owner is not None:
            if owner.is_active and owner.is_email_verified:
                mails.queue_for(owner, "address_registered")
            return
        change = EmailChange.objects.create(
            user=user, old_email=user.email, new_email=new_email, requested_at=timezone.now()
        )
        mails.queue_change_mails(change)


@transaction.atomic
def confirm_email_change(*, token: str) -> User:
    """Make the new address theirs and end every session, for nobody says from which this came.

    InvalidInputError `invalid_token` when used, undone, overtaken by another change, or old.
    ConflictError `address_taken` when somebody else has the address by now.
    """
    change = links.change_of_token(TokenPurpose.EMAIL_CHANGE, token)
    if change.confirmed_at or change.undone_at or change.user.email != change.old_email:
        raise invalid_token()
    change.confirmed_at = timezone.now()
    change.save(update_fields=["confirmed_at"])
    return _move(change.user, change.new_email)


@transaction.atomic
def undo_email_change(*, token: str) -> User:
    """Take a change back, confirmed or not, and end every session.

    InvalidInputError `invalid_token` when undone already, overtaken, or old. ConflictError
    `address_taken`.
    """
    change = links.change_of_token(TokenPurpose.EMAIL_UNDO, token)
    has_moved_on = change.user.email not in (change.old_email, change.new_email)
    if change.undone_at or has_moved_on:
        raise invalid_token()
    change.undone_at = timezone.now()
    change.save(update_fields=["undone_at"])
    return _move(change.user, change.old_email)


def _move(user: User, email: str) -> User:
    """The address was proved by the link that was followed to it."""
    user.email, user.email_verified_at = email, timezone.now()
    try:
        with transaction.atomic():
            user.save(update_fields=["email", "email_verified_at"])
    except IntegrityError:
        raise ConflictError(
            "This address belongs to another account by now.", code="address_taken"
        ) from None
    sessions.end_all(user=user)
    return user
