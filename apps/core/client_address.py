"""Whose request it is, as far as the network can tell.

The one place that reads forwarding headers.
"""

import ipaddress
from typing import Any

from django.conf import settings

UNKNOWN = "unknown"
UNSPECIFIED = str(ipaddress.IPv4Address(0))
# A home or an office commonly has a whole /64, so one caller is one network. Source: RFC 6177, RFC
# 7934.
_IPV6_PREFIX = 64


def client_address(request: Any) -> str:
    """The rightmost hop that is no trusted proxy: an IPv4 address, an IPv6 /64 network, or
    "unknown". Never raises.

    With TRUSTED_PROXY_COUNT = n the last n hops (the peer included) are ours; whatever stands
    further left than the hop before them was written by the caller and proves nothing.
    """
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    hops = [hop for hop in hops if hop] + [request.META.get("REMOTE_ADDR") or ""]
    trusted = settings.TRUSTED_PROXY_COUNT
    candidates = hops[-(trusted + 1) :] if len(hops) > trusted else hops
    # A hop that is no address (a proxy that hides it, a Unix socket) leaves the next one towards
    # us.
    return next((found for hop in candidates if (found := _canonical(hop))), UNKNOWN)


def address_to_store(request: Any) -> str:
    """The same for a column that takes addresses only: a network by its first address, and the
    unspecified address where it is unknown.
    """
    address = client_address(request)
    return UNSPECIFIED if address == UNKNOWN else address.partition("/")[0]


def _canonical(hop: str) -> str:
    try:
        address = ipaddress.ip_address(_without_port(hop).partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, _IPV6_PREFIX), strict=False))


def _without_port(hop: str) -> str:
    """`[::1]:80` and `192.0.2.1:80` without brackets and port; a bare IPv6 address as it is."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
