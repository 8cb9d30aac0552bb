"""What is tidied up at night, and what is not."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from apps.accounts import sessions
from apps.accounts.attempts import count_attempt
from apps.accounts.models import AttemptCounter, AttemptPurpose, EmailChange, TokenFamily, User
from apps.accounts.services import erase_user, purge_unverified
from apps.accounts.tasks import flush_expired_tokens, purge_unverified_accounts
from apps.core.retention import delete_in_batches
from tests.api import Caller
from tests.factories import SubscriptionFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_whoever_never_verified_goes_after_a_week():
    now = timezone.now()
    UserFactory(email_verified_at=None, date_joined=now - timedelta(days=8))
    kept = {
        UserFactory(email_verified_at=None, date_joined=now - timedelta(days=6)),
        UserFactory(date_joined=now - timedelta(days=8)),
    }

    assert purge_unverified_accounts() == 1
    assert set(User.objects.all()) == kept


def test_whoever_was_erased_stays_as_a_row_that_counts_hang_on():
    subscription = SubscriptionFactory(user__date_joined=timezone.now() - timedelta(days=30))
    erase_user(user=subscription.user, current_password="correct horse battery")

    assert purge_unverified() == 0
    assert User.objects.count() == 1


def test_what_has_expired_is_deleted_and_what_lives_is_kept():
    user = UserFactory()
    with time_machine.travel(timezone.now() - timedelta(days=31)):
        sessions.renew(refresh=sessions.begin(user=user).refresh)
        count_attempt(AttemptPurpose.MAIL, "old@example.org")
        EmailChange.objects.create(
            user=user, old_email="a@b.c", new_email="d@e.f", requested_at=timezone.now()
        )
    sessions.begin(user=user)
    count_attempt(AttemptPurpose.MAIL, "new@example.org")

    flush_expired_tokens()

    assert (OutstandingToken.objects.count(), BlacklistedToken.objects.count()) == (1, 0)
    assert TokenFamily.objects.count() == 1
    assert AttemptCounter.objects.count() == 1
    assert not EmailChange.objects.exists()


def test_staff_that_never_verified_stay():
    long_ago = timezone.now() - timedelta(days=100)
    UserFactory(is_staff=True, email_verified_at=None, date_joined=long_ago)

    assert purge_unverified() == 0
    assert User.objects.count() == 1


def test_an_admin_made_by_command_can_sign_in_to_the_api():
    User.objects.create_superuser("root@example.org", "correct horse battery")

    body = {"email": "root@example.org", "password": "correct horse battery"}
    assert Caller().post("/api/accounts/token/", body).status_code == 200


def test_more_rows_than_a_batch_holds_are_deleted():
    for _ in range(5):
        UserFactory()

    assert delete_in_batches(User.objects.all(), batch_size=2) == 5
