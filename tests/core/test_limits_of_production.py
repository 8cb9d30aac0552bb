"""The limits that production runs with."""

from django.conf import settings


def test_the_limits_are_those_of_the_contract():
    assert settings.RATE_LIMITS == {
        "read": (120, 60),
        "write": (30, 60),
        "sign_in": (10, 60),
        "mail": (5, 60),
        "one_click": (10, 60),
    }
    assert settings.ACCOUNT_LIMITS == {"sign_in": (5, 60), "mail": (5, 60)}


def test_a_request_never_waits_long_for_the_cache():
    assert settings.CACHES["default"]["OPTIONS"] == {
        "socket_timeout": 0.2,
        "socket_connect_timeout": 0.2,
    }
