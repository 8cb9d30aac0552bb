"""Asks the name servers of this machine for TXT records, with a deadline."""

import dns.exception
import dns.resolver

TIMEOUT_S = 4.0


class NameServerError(Exception):
    """Nobody gave an answer in time, or none that can be read; the message says why."""


def txt_records(name: str) -> list[str]:
    """The TXT records of a name; none when there is no such name or record."""
    try:
        answer = dns.resolver.resolve(name, "TXT", lifetime=TIMEOUT_S, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except dns.exception.DNSException as error:
        raise NameServerError(" ".join(str(error).split()) or type(error).__name__) from error
    return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]
