"""What doctor looks at in mail: the switch, the way out, and whether receivers will trust us."""

from collections.abc import Callable, Iterator

from django.conf import settings

from apps.core.doctor import Finding, fail, ok, warn
from apps.mail.dns import NameServerError, txt_records
from apps.mail.models import SendingSwitch
from apps.mail.transports import Line, TransportDownError


def check_switch() -> Iterator[Finding]:
    """Whether mail may leave at all."""
    switch = SendingSwitch.objects.get(pk=1)
    if switch.is_on:
        yield ok("sending", "the switch is on.")
    else:
        todo = "Mend that, then: manage.py sending on."
        yield fail("sending", f"the switch is off: {switch.reason}", todo)


def check_transport() -> Iterator[Finding]:
    """Whether the mail server greets us and takes our password; nothing is sent."""
    transport = settings.MAIL_TRANSPORT
    try:
        with Line() as line:
            line.transport()
    except TransportDownError as error:
        words = "it does not accept who we are" if error.refuses_us else "no connection to be had"
        yield fail("mail server", f"{words} ({error.code}).", "Correct EMAIL_URL.")
        return
    said = {
        "smtp": f"{transport.get('host')}:{transport.get('port')} lets us in.",
        "mailbox": "mails are kept here, for a look.",
        "anymail": f"{transport.get('provider')}; the key shows itself with the first mail.",
    }
    yield ok("mail server", said[transport["kind"]])


def check_domain() -> Iterator[Finding]:
    """SPF, DKIM and DMARC of the domain that mails come from."""
    if settings.MAIL_TRANSPORT["kind"] == "mailbox":
        yield ok("mail domain", "not looked at, since no mail leaves this machine.")
        return
    for look in (_spf, _dkim, _dmarc):
        yield from _or_no_answer(look)


def _or_no_answer(look: Callable[[str], Finding]) -> Iterator[Finding]:
    try:
        yield look(settings.MAIL_DOMAIN)
    except NameServerError as error:
        words = f"the name servers gave no answer ({error})."
        yield warn("mail domain", words, "Try again; is DNS reachable from here?")


def _spf(domain: str) -> Finding:
    found = [text for text in txt_records(domain) if text.lower().split(" ")[0] == "v=spf1"]
    if len(found) != 1:
        words = f"{domain} has {len(found)} SPF records and needs exactly one."
        return fail("SPF", words, f'Publish TXT {domain} "v=spf1 include:YOUR-PROVIDER -all".')
    if "+all" in found[0].lower().split():
        return fail("SPF", f"{domain} lets everybody send in its name.", "End it with -all.")
    return ok("SPF", f"{found[0]}")


def _dkim(domain: str) -> Finding:
    if not settings.DKIM_SELECTOR:
        words = "not looked at, because the selector is not known."
        return warn("DKIM", words, "Set DKIM_SELECTOR to the one that your mail server signs with.")
    name = f"{settings.DKIM_SELECTOR}._domainkey.{domain}"
    keys = [_tags(text).get("p") for text in txt_records(name)]
    if not any(keys):
        words = f"{name} holds no key."
        return fail("DKIM", words, "Publish the key that your mail server or provider shows.")
    return ok("DKIM", f"{name} holds a key.")


def _dmarc(domain: str) -> Finding:
    name, policy = _dmarc_policy(domain)
    if policy is None:
        words = f"_dmarc.{domain} has no record; large receivers refuse bulk mail without one."
        return fail("DMARC", words, f'Publish TXT _dmarc.{domain} "v=DMARC1; p=none; rua=…".')
    if policy == "none":
        words = f"{name} asks for nothing (p=none)."
        return warn("DMARC", words, "Move to p=quarantine once the reports show only our mail.")
    return ok("DMARC", f"{name} asks for p={policy}.")


def _dmarc_policy(domain: str) -> tuple[str, str | None]:
    """The policy of the domain or, if it has none, of the nearest one above it.

    Source: RFC 7489, section 6.6.3; the walk up the tree replaces the public suffix list.
    """
    labels = domain.split(".")
    for start in range(len(labels) - 1):
        name = "_dmarc." + ".".join(labels[start:])
        for text in txt_records(name):
            tags = _tags(text)
            if tags.get("v") == "DMARC1":
                inherited = tags.get("sp") if start else None
                return name, inherited or tags.get("p", "none")
    return "", None


def _tags(text: str) -> dict[str, str]:
    """The tags of a DKIM or DMARC record."""
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs}
