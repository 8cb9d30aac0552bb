"""What accounts tidies up at night."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from apps.accounts.models import User
from apps.accounts.tasks import flush_expired_tokens, purge_unverified_accounts
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_only_accounts_unverified_for_a_week_are_purged():
    long_ago = timezone.now() - timedelta(days=7, minutes=1)
    UserFactory(email_verified_at=None, date_joined=long_ago)
    kept = {
        UserFactory(email_verified_at=None, date_joined=long_ago + timedelta(minutes=2)).pk,
        UserFactory(date_joined=long_ago).pk,
    }

    assert purge_unverified_accounts() == 1

    assert set(User.objects.values_list("id", flat=True)) == kept


def test_only_expired_tokens_are_flushed():
    user = UserFactory()
    now = timezone.now()
    for jti, expires_at in (("old", now - timedelta(1)), ("new", now + timedelta(1))):
        OutstandingToken.objects.create(user=user, jti=jti, token=jti, expires_at=expires_at)

    flush_expired_tokens()

    assert list(OutstandingToken.objects.values_list("jti", flat=True)) == ["new"]
