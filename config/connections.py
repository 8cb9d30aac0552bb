"""What DATABASE_URL and EMAIL_URL say, as Django settings."""

from importlib.util import find_spec
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import psycopg2
from django.core.exceptions import ImproperlyConfigured
from psycopg2.extensions import make_dsn, parse_dsn

from config.readers import is_url

SMTP_SCHEMES = {
    "smtp": (25, False, False),
    "smtp+tls": (587, True, False),
    "smtps": (465, False, True),
}
# Backends of django-anymail that are no provider.
NO_PROVIDERS = {"__init__", "base", "base_requests", "console", "test"}
SSL_MODES = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}


def database_url(text: str) -> str:
    """A PostgreSQL URL that names a database, as libpq reads it."""
    if not is_url(text, ("postgresql", "postgres")):
        raise ValueError("must be a URL that starts with postgresql:// or postgres://")
    try:
        given = parse_dsn(text)
    except psycopg2.ProgrammingError:
        raise ValueError("has options or escapes that libpq does not know") from None
    if not given.get("dbname") or "/" in given["dbname"]:
        raise ValueError("must end with the name of a database")
    if given.get("sslmode", "prefer") not in SSL_MODES:
        raise ValueError(f"must have one of these as its sslmode: {', '.join(sorted(SSL_MODES))}")
    return text


def database_from_url(url: str, password: str = "") -> dict[str, Any]:
    """Django's DATABASES entry for a PostgreSQL URL; `?host=/path` names a socket folder, spaces
    encoded as %20. `password`, if any, stands in for the one in the URL.
    """
    given = parse_dsn(url)
    own_password = given.pop("password", "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": given.pop("dbname"),
        "USER": given.pop("user", ""),
        "PASSWORD": password or own_password,
        "HOST": given.pop("host", ""),
        "PORT": given.pop("port", ""),
        "OPTIONS": given,
    }


def with_password(url: str, password: str) -> str:
    """The URL as psycopg2 takes it, with this password, if any, instead of its own."""
    return str(make_dsn(url, password=password)) if url and password else url


def mail_transport_from_url(url: str) -> dict[str, Any]:
    """Describe the transport that EMAIL_URL names; ValueError when it names none.

    Shapes: `mailbox://` · `smtp://user:pass@host:port`, `smtp+tls://`, `smtps://` ·
    `PROVIDER://?api_key=…`, where PROVIDER is a django-anymail backend and each parameter one of
    its settings.
    """
    parts = urlsplit(url)
    if url == "mailbox://":
        return {"kind": "mailbox"}
    if parts.scheme in SMTP_SCHEMES:
        return _smtp(url)
    if _is_provider(parts.scheme):
        return _provider(parts)
    raise ValueError(
        "must be smtp://, smtp+tls://, smtps://, mailbox:// or the name of a django-anymail "
        "provider, for example postmark://?server_token=…"
    )


def _smtp(url: str) -> dict[str, Any]:
    if not is_url(url, SMTP_SCHEMES) or not urlsplit(url).hostname:
        raise ValueError(
            "must name the mail server, for example smtp+tls://user:pass@host:587, with a port "
            "from 1 to 65535 if any"
        )
    parts = urlsplit(url)
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("must end with host or port; what is special in a password is encoded")
    if bool(parts.username) != bool(parts.password):
        raise ValueError("must hold both user and password, or neither")
    port, starttls, ssl = SMTP_SCHEMES[parts.scheme]
    return {
        "kind": "smtp",
        "host": parts.hostname,
        "port": parts.port or port,
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "starttls": starttls,
        "ssl": ssl,
    }


def _is_provider(scheme: str) -> bool:
    if not scheme.isidentifier() or scheme in NO_PROVIDERS:
        return False
    return find_spec(f"anymail.backends.{scheme}") is not None


def _provider(parts: SplitResult) -> dict[str, Any]:
    if parts.netloc or parts.path:
        raise ValueError(f"must have its settings after ?, as in {parts.scheme}://?api_key=…")
    given = parse_qsl(parts.query)
    settings = {f"{parts.scheme}_{key}".upper(): value for key, value in given}
    return {"kind": "anymail", "provider": parts.scheme, "settings": settings}


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
