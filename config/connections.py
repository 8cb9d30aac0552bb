"""What DATABASE_URL and EMAIL_URL say, as Django settings."""

from importlib.util import find_spec
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

SMTP_SCHEMES = {
    "smtp": (25, False, False),
    "smtp+tls": (587, True, False),
    "smtps": (465, False, True),
}


def database_from_url(url: str, password: str = "") -> dict[str, Any]:
    """Django's DATABASES entry for a PostgreSQL URL; `?host=/path` names a socket folder, spaces
    encoded as %20. `password`, if any, stands in for the one in the URL.
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": password or unquote(parts.password or ""),
        "HOST": query.pop("host", None) or parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": dict(query),
    }


def mail_transport_from_url(url: str) -> dict[str, Any]:
    """Describe the transport that EMAIL_URL names; ValueError when it names none.

    Shapes: `mailbox://` · `smtp://user:pass@host:port`, `smtp+tls://`, `smtps://` ·
    `PROVIDER://?api_key=…`, where PROVIDER is a django-anymail backend and each parameter one of
    its settings.
    """
    parts = urlsplit(url)
    scheme = parts.scheme
    if scheme == "mailbox":
        return {"kind": "mailbox"}
    if scheme in SMTP_SCHEMES:
        return _smtp(parts)
    if scheme and scheme.isidentifier() and find_spec(f"anymail.backends.{scheme}"):
        settings = {f"{scheme}_{key}".upper(): value for key, value in parse_qsl(parts.query)}
        return {"kind": "anymail", "provider": scheme, "settings": settings}
    raise ValueError(
        "must be smtp://, smtp+tls://, smtps://, mailbox:// or the name of a django-anymail "
        "provider, for example postmark://?server_token=…"
    )


def _smtp(parts: SplitResult) -> dict[str, Any]:
    port, starttls, ssl = SMTP_SCHEMES[parts.scheme]
    if not parts.hostname:
        raise ValueError("must name the mail server, for example smtp+tls://user:pass@host:587")
    try:
        port = parts.port or port
    except ValueError:
        raise ValueError("must have a port from 1 to 65535") from None
    return {
        "kind": "smtp",
        "host": parts.hostname,
        "port": port,
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "starttls": starttls,
        "ssl": ssl,
    }


def refuse_demo_in_production(*, demo: bool, site_url: str, transport: str) -> None:
    """DEMO shows other people's links to whoever looks, so it stays on one machine, and the mailbox
    with it.
    """
    is_local = urlsplit(site_url).hostname in ("127.0.0.1", "localhost", "::1")
    if demo and not is_local:
        raise ImproperlyConfigured("DEMO=1 is for one machine: SITE_URL must be on 127.0.0.1.")
    if transport == "mailbox" and not demo:
        raise ImproperlyConfigured(
            "EMAIL_URL=mailbox:// shows every mail to everybody; it needs DEMO=1."
        )
