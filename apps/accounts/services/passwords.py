"""Passwords: asked for anew, set by link, changed by whoever knows the present one."""

import uuid

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from apps.accounts import links, mails, sessions
from apps.accounts.attempts import count_attempt
from apps.accounts.models import AttemptPurpose, User
from apps.core.after_answer import after_answer
from apps.core.errors import InvalidInputError
from apps.core.text import normalize
from apps.core.tokens import LIFETIMES, TokenPurpose


def request_password_reset(*, email: str) -> None:
    """Queue a reset link if the address is a verified person's; done after the answer, so that it
    tells nothing.
    """
    email = normalize(email)
    count_attempt(AttemptPurpose.MAIL, email)
    after_answer(lambda: _queue_reset(email))


@transaction.atomic
def reset_password(*, token: str, password: str) -> User:
    """Set a password by link and end every session.

    InvalidInputError: `invalid_token`, or the password is no good.
    """
    user = links.user_of_token(TokenPurpose.RESET, token)
    _set_password(user, password, field="password")
    sessions.end_all(user=user)
    return user


def change_password(
    *, user: User, current_password: str, new_password: str, family_id: uuid.UUID
) -> None:
    """Change one's own password and end every other session."""
    require_password(user, current_password)
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        _set_password(user, new_password, field="new_password")
        sessions.end_others(user=user, family_id=family_id)


@transaction.atomic
def set_password(*, user: User, password: str) -> None:
    """Change one's own password in the admin and end every session; the caller keeps its own."""
    _set_password(User.objects.select_for_update().get(pk=user.pk), password, field="password")
    sessions.end_all(user=user)


def require_password(user: User, password: str) -> None:
    """Refuse unless this is the person's password; counted like a sign-in, for a stolen token must
    not guess on.
    """
    count_attempt(AttemptPurpose.SIGN_IN, user.email)
    if not user.check_password(password):
        raise InvalidInputError(
            "This is not your present password.", code="wrong_password", field="current_password"
        )


def check_strength(password: str, user: User, *, field: str) -> None:
    """Refuse a password that the validators think weak for this person."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInputError(
            " ".join(error.messages), code=error.error_list[0].code or "invalid", field=field
        ) from None


def _set_password(user: User, password: str, *, field: str) -> None:
    check_strength(password, user, field=field)
    user.set_password(password)
    user.save(update_fields=["password"])
    mails.queue_for(user, "password_changed")


def _queue_reset(email: str) -> None:
    user = User.objects.verified().filter(email=email).first()
    if user is not None:
        lifetime = LIFETIMES[TokenPurpose.RESET]
        assert lifetime is not None
        mails.queue_for(user, "reset_password", lifetime=lifetime)
