"""From nobody to somebody with a verified address."""

from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts import links, mails
from apps.accounts.attempts import count_attempt
from apps.accounts.models import AttemptPurpose, User
from apps.accounts.services.passwords import check_strength
from apps.core.after_answer import after_answer
from apps.core.text import normalize
from apps.core.tokens import LIFETIMES, TokenPurpose
from apps.mail.models import OutboundMail

# A failed sign-in of somebody unverified queues a new link, but not one for every try.
_RESEND_GAP = timedelta(minutes=10)


def register_user(
    *, email: str, password: str, display_name: str = "", timezone: str = ""
) -> User | None:
    """Register an address, and queue the mail that says what to do next.

    The caller must not show what came of it.

    An unknown address becomes an unverified person; an unverified one takes the new password and
    name, which kills older links; the owner of a verified one is told. `timezone` is only what a
    first subscription starts from. Returns the unverified person, or None for an address that is
    somebody's. InvalidInputError: a weak password.
    """
    email = normalize(email)
    check_strength(password, User(email=email, display_name=display_name), field="password")
    count_attempt(AttemptPurpose.MAIL, email)
    # Hashed before anything is looked up, so that known and unknown addresses take the same time.
    wanted = {
        "password": make_password(password),
        "display_name": display_name,
        "initial_timezone": timezone,
    }
    try:
        with transaction.atomic():
            return _register(email, wanted)
    except IntegrityError:
        # Somebody registered the same address at the same moment; now it is a known one.
        with transaction.atomic():
            return _register(email, wanted)


@transaction.atomic
def verify_email(*, token: str) -> User:
    """Note that the address is theirs.

    InvalidInputError `invalid_token` for a used, old or bad token.
    """
    user = links.user_of_token(TokenPurpose.VERIFY, token)
    user.email_verified_at = timezone.now()
    user.save(update_fields=["email_verified_at"])
    return user


def resend_verification(*, email: str) -> None:
    """Queue a new link if the address waits for one; done after the answer, so that it tells
    nothing.
    """
    email = normalize(email)
    count_attempt(AttemptPurpose.MAIL, email)
    after_answer(lambda: _queue_verification(email, gap=timedelta(0)))


def remind_of_verification(email: str) -> None:
    """The same for somebody who failed to sign in, at most once in ten minutes."""
    after_answer(lambda: _queue_verification(email, gap=_RESEND_GAP))


def _register(email: str, wanted: dict[str, str]) -> User | None:
    user = User.objects.select_for_update().filter(email=email).first()
    if user is None:
        user = User.objects.create(email=email, **wanted)
    elif user.is_email_verified or not user.is_active:
        _tell_owner(user)
        return None
    else:
        for field, value in wanted.items():
            setattr(user, field, value)
        user.save(update_fields=list(wanted))
    mails.queue_for(user, "verify_email", lifetime=_link_lifetime())
    return user


def _tell_owner(user: User) -> None:
    if user.is_active:
        mails.queue_for(user, "address_registered")


@transaction.atomic
def _queue_verification(email: str, *, gap: timedelta) -> None:
    user = (
        User.objects.select_for_update()
        .filter(email=email, is_active=True, email_verified_at__isnull=True)
        .first()
    )
    if user is None:
        return
    recent = OutboundMail.objects.filter(
        user=user, purpose="verify_email", created_at__gt=timezone.now() - gap
    )
    if not recent.exists():
        mails.queue_for(user, "verify_email", lifetime=_link_lifetime())


def _link_lifetime() -> timedelta:
    lifetime = LIFETIMES[TokenPurpose.VERIFY]
    assert lifetime is not None
    return lifetime
