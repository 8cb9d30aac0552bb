import pytest

from apps.core.client_address import client_address


@pytest.mark.parametrize(
    ("trusted", "forwarded", "peer", "expected"),
    [
        (0, "", "192.0.2.1", "192.0.2.1"),
        (0, "198.51.100.9", "192.0.2.1", "192.0.2.1"),
        (1, "198.51.100.9", "10.0.0.1", "198.51.100.9"),
        (1, "1.2.3.4, 198.51.100.9", "10.0.0.1", "198.51.100.9"),
        (2, "1.2.3.4, 198.51.100.9, 10.0.0.2", "10.0.0.1", "198.51.100.9"),
        (2, "198.51.100.9", "10.0.0.1", "198.51.100.9"),
        (1, "", "192.0.2.1", "192.0.2.1"),
        (1, "unknown", "10.0.0.1", "10.0.0.1"),
        (1, "198.51.100.9:5678", "10.0.0.1", "198.51.100.9"),
        (1, "[2001:db8:1:2:3::4]:443", "10.0.0.1", "2001:db8:1:2::/64"),
        (0, "", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (0, "", "2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        (0, "", "::ffff:192.0.2.1", "192.0.2.1"),
        (0, "", "fe80::1%eth0", "fe80::/64"),
        (0, "", "", "unknown"),
        (0, "", None, "unknown"),
        (0, "", "/run/gunicorn.sock", "unknown"),
        (1, ", ,", "192.0.2.1", "192.0.2.1"),
        (1, "9" * 5000, "192.0.2.1", "192.0.2.1"),
        (1, "[", "192.0.2.1", "192.0.2.1"),
    ],
)
def test_the_address_is_the_rightmost_hop_that_is_not_ours(
    rf, settings, trusted, forwarded, peer, expected
):
    settings.TRUSTED_PROXY_COUNT = trusted
    request = rf.get("/", REMOTE_ADDR=peer)
    if forwarded:
        request.META["HTTP_X_FORWARDED_FOR"] = forwarded

    assert client_address(request) == expected
