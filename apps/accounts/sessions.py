"""Sign-ins and their tokens: begun, renewed exactly once per refresh token, ended one by one or all
at once.
"""

import uuid
from datetime import datetime, timedelta
from enum import Enum, auto

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from apps.accounts.jwt import (
    Claims,
    TokenPair,
    encode_pair,
    read_refresh,
    refresh_lifetime,
    refused,
)
from apps.accounts.models import TokenFamily, User
from apps.core.errors import AuthenticationError, ConflictError

FAMILY_LIFETIME = timedelta(days=30)
# Two tabs of one browser may send the same token at the same moment; the slower one is no thief.
SUPERSEDE_GRACE = timedelta(seconds=10)


class _Outcome(Enum):
    SUPERSEDED = auto()
    REFUSED = auto()


@transaction.atomic
def begin(*, user: User, has_second_factor: bool = False) -> TokenPair:
    """Start a sign-in."""
    now = timezone.now()
    User.objects.filter(pk=user.pk).update(last_login=now)
    family = TokenFamily.objects.create(
        user=user,
        started_at=now,
        expires_at=now + FAMILY_LIFETIME,
        has_second_factor=has_second_factor,
    )
    return _issue(user, family, now)


def renew(*, refresh: str) -> TokenPair:
    """Exchange a refresh token for a new pair.

    Of any number of uses of one token exactly one succeeds. ConflictError `refresh_superseded`:
    another use, within ten seconds, whose successor is still unused. AuthenticationError: any other
    reuse, which also ends the sign-in, and every token that is not good.
    """
    claims = read_refresh(refresh)
    # The outcome is raised outside, so that the end of a family is committed.
    with transaction.atomic():
        outcome = _rotate(claims, timezone.now())
    if outcome is _Outcome.SUPERSEDED:
        raise ConflictError(
            "This token was exchanged a moment ago; use the tokens that came of it.",
            code="refresh_superseded",
        )
    if isinstance(outcome, TokenPair):
        return outcome
    raise refused()


def end(*, refresh: str) -> None:
    """Sign out: end the sign-in that this refresh token belongs to.

    Nothing happens for one that is dead already.
    """
    try:
        claims = read_refresh(refresh)
    except AuthenticationError:
        return
    TokenFamily.objects.alive().filter(pk=claims.family_id, user_id=claims.user_id).update(
        ended_at=timezone.now()
    )


def end_all(*, user: User) -> None:
    """Sign out everywhere, at once: every token made before now is refused on its next use."""
    User.objects.filter(pk=user.pk).update(token_version=F("token_version") + 1)
    TokenFamily.objects.alive().filter(user=user).update(ended_at=timezone.now())


def end_others(*, user: User, family_id: uuid.UUID) -> None:
    """Sign out everywhere but here."""
    TokenFamily.objects.alive().filter(user=user).exclude(pk=family_id).update(
        ended_at=timezone.now()
    )


def holder(claims: Claims) -> User | None:
    """The person an access token speaks for, or None when its sign-in has ended or they may not
    sign in any more. Held back when staff need a second factor that this sign-in did not show.
    """
    family = (
        TokenFamily.objects.alive()
        .select_related("user")
        .filter(
            pk=claims.family_id,
            user_id=claims.user_id,
            user__is_active=True,
            user__token_version=claims.version,
        )
        .first()
    )
    if family is None:
        return None
    user = family.user
    user.is_held_back = settings.ADMIN_OTP_REQUIRED and not family.has_second_factor
    return user


def _rotate(claims: Claims, now: datetime) -> TokenPair | _Outcome:
    # The person before their sign-ins, as everything that ends sign-ins locks them; the other way
    # round a refresh and an erasure would wait for each other.
    User.objects.select_for_update(no_key=True).filter(pk=claims.user_id).first()
    token = OutstandingToken.objects.filter(jti=claims.jti, user_id=claims.user_id).first()
    if token is None:
        return _Outcome.REFUSED
    # This row comes first: whoever creates it has used the token, everybody else waits here and has
    # not.
    _, is_first_use = BlacklistedToken.objects.get_or_create(token=token)
    family = _family_of(claims, now)
    if family is None:
        return _Outcome.REFUSED
    if is_first_use:
        family.previous_jti, family.rotated_at = claims.jti, now
        family.save(update_fields=["previous_jti", "rotated_at"])
        return _issue(family.user, family, now)
    if _is_superseded(family, claims, now):
        return _Outcome.SUPERSEDED
    family.ended_at = now
    family.save(update_fields=["ended_at"])
    return _Outcome.REFUSED


def _family_of(claims: Claims, now: datetime) -> TokenFamily | None:
    return (
        TokenFamily.objects.alive()
        .select_for_update(of=("self",))
        .select_related("user")
        .filter(
            pk=claims.family_id,
            user_id=claims.user_id,
            expires_at__gt=now,
            user__is_active=True,
            user__token_version=claims.version,
        )
        .first()
    )


def _is_superseded(family: TokenFamily, claims: Claims, now: datetime) -> bool:
    """Used a moment ago, and what came of it has not been used: it would be the previous one
    otherwise.
    """
    return (
        family.previous_jti == claims.jti
        and family.rotated_at is not None
        and now - family.rotated_at <= SUPERSEDE_GRACE
    )


def _issue(user: User, family: TokenFamily, now: datetime) -> TokenPair:
    until = min(now + refresh_lifetime(), family.expires_at)
    jti = uuid.uuid4().hex
    # The token itself is not kept: whoever reads the table must not be able to sign in.
    OutstandingToken.objects.create(user=user, jti=jti, token="", created_at=now, expires_at=until)
    claims = Claims(user_id=user.pk, family_id=family.pk, version=user.token_version, jti=jti)
    return encode_pair(claims, now=now, refresh_until=until)
