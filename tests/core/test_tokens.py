"""Tokens in links: one purpose each, not altered, not too old."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import signing

from apps.core.errors import InvalidInputError
from apps.core.tokens import LIFETIMES, TokenPurpose, make_token, read_token

NOW = datetime(2027, 5, 5, 8, tzinfo=UTC)
WITH_AGE = [purpose for purpose, lifetime in LIFETIMES.items() if lifetime]
WITHOUT = [purpose for purpose, lifetime in LIFETIMES.items() if lifetime is None]


def refused(purpose, token, count=1):
    with pytest.raises(InvalidInputError) as error:
        read_token(purpose, token, count=count)
    return error.value.code == "invalid_token"


def test_a_token_gives_back_what_was_signed():
    token = make_token(TokenPurpose.RESET, 7, "fingerprint")

    assert read_token(TokenPurpose.RESET, token, count=2) == [7, "fingerprint"]


@pytest.mark.parametrize("purpose", TokenPurpose)
def test_a_token_is_what_django_would_make_of_it(purpose):
    with time_machine.travel(NOW, tick=False):
        token = make_token(purpose, 7, "é")

        assert token == signing.dumps([7, "é"], salt=f"dc.{purpose}")


@pytest.mark.parametrize("purpose", TokenPurpose)
def test_a_token_of_one_purpose_is_none_of_another(purpose):
    token = make_token(purpose, 7)

    assert all(refused(other, token) for other in TokenPurpose if other != purpose)


@pytest.mark.parametrize("purpose", WITH_AGE)
def test_a_token_lives_as_long_as_its_purpose_says(purpose):
    with time_machine.travel(NOW, tick=False):
        token = make_token(purpose, 7)
    lifetime = LIFETIMES[purpose]

    with time_machine.travel(NOW + lifetime - timedelta(seconds=1), tick=False):
        assert read_token(purpose, token, count=1) == [7]
    with time_machine.travel(NOW + lifetime + timedelta(seconds=1), tick=False):
        assert refused(purpose, token)


@pytest.mark.parametrize("purpose", WITHOUT)
def test_a_token_without_an_age_works_after_years(purpose):
    with time_machine.travel(NOW, tick=False):
        token = make_token(purpose, 7)

    with time_machine.travel(NOW + timedelta(days=1100), tick=False):
        assert read_token(purpose, token, count=1) == [7]


@pytest.mark.parametrize(
    "token", ["", "x", ":", "::", "a:b:c", "é" * 20, "\x00", "." * 2000, "eyJ9:1:sig"]
)
def test_nonsense_is_refused(token):
    assert refused(TokenPurpose.READ, token)


def test_an_altered_token_is_refused():
    token = make_token(TokenPurpose.READ, 7)
    middle = len(token) // 2
    other = "A" if token[middle] != "A" else "B"

    assert refused(TokenPurpose.READ, token[:middle] + other + token[middle + 1 :])


def test_a_token_with_another_number_of_values_is_refused():
    assert refused(TokenPurpose.READ, make_token(TokenPurpose.READ, 7, 8), count=1)


def test_tokens_signed_with_a_retired_key_still_work(settings):
    token = make_token(TokenPurpose.UNSUBSCRIBE, 7)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-" + "z" * 50

    assert read_token(TokenPurpose.UNSUBSCRIBE, token, count=1) == [7]
