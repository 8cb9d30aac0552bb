"""Any provider that django-anymail speaks to over HTTP.

What a failure means is read from the status code, or, where there is none, from whether the request
was written.
"""

import re
from dataclasses import dataclass
from typing import Any

import requests
from anymail.backends.base_requests import AnymailRequestsBackend
from anymail.exceptions import (
    AnymailConfigurationError,
    AnymailError,
    AnymailRecipientsRefused,
)
from anymail.message import AnymailMessage
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import get_connection

from apps.mail.message import Message, safe_header
from apps.mail.transports.base import Blame, Outcome, Verdict
from apps.mail.transports.watched_http import Watch, WatchedAdapter

# Providers that send once whatever is posted twice under the same key, and where they read it.
_IDEMPOTENCY_HEADERS = {"resend": "Idempotency-Key"}
# What they answer to a key they know. A repeat is never the same to the letter, because its links
# say when they were made; so one that a provider has sent already is not answered as the first was.
# Source: https://resend.com/docs/dashboard/emails/idempotency-keys
_OF_A_KNOWN_KEY = {
    "invalid_idempotent_request": Verdict.SENT,
    "concurrent_idempotent_requests": Verdict.UNDER_WAY,
}
_NOT_SENT = {"rejected", "invalid", "failed"}


def check_provider(config: dict[str, Any]) -> None:
    """Raise ImproperlyConfigured for a provider that we cannot speak to, or not without more."""
    try:
        AnymailTransport(config).close()
    except AnymailConfigurationError as error:
        provider = config["provider"]
        found = re.search(rf"'{provider.upper()}_(\w+)'", str(error))
        if found is None:
            raise
        name = found[1].lower()
        raise ImproperlyConfigured(
            f"EMAIL_URL must hold {name}, as in {provider}://?{name}=…."
        ) from None


@dataclass(frozen=True, slots=True)
class Posting:
    """One mail as it is posted, and the key under which it is sent once."""

    mail: AnymailMessage
    key: str


class AnymailTransport:
    """One HTTP session to the provider."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._idempotency_header = _IDEMPOTENCY_HEADERS.get(config["provider"])
        # Not every provider lets a mail say that it is not to be tracked.
        backend = get_connection(
            f"anymail.backends.{config['provider']}.EmailBackend", ignore_unsupported_features=True
        )
        if not isinstance(backend, AnymailRequestsBackend):
            raise ImproperlyConfigured(
                f"{config['provider']} is not spoken over plain HTTP; use its SMTP server instead."
            )
        self._backend: Any = backend
        self._backend.open()
        self._watch = Watch()
        for scheme in ("http://", "https://"):
            self._backend.session.mount(scheme, WatchedAdapter(self._watch))

    def prepare(self, message: Message, *, key: str = "") -> Posting:
        mail = AnymailMessage(
            subject=safe_header(message.subject),
            body=message.text,
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[message.recipient],
            reply_to=[settings.REPLY_TO],
            headers={
                "Message-ID": message.message_id,
                **{name: safe_header(value) for name, value in message.headers.items()},
            },
        )
        mail.attach_alternative(message.html, "text/html")
        mail.track_opens = mail.track_clicks = False
        mail.metadata = {"outgoing": message.message_id}
        return Posting(mail, key)

    def send(self, prepared: Posting) -> Outcome:
        if self._idempotency_header:
            self._backend.session.headers[self._idempotency_header] = prepared.key
        try:
            with self._watch.for_one_request(settings.MAIL_MESSAGE_S):
                self._backend.send_messages([prepared.mail])
        except requests.RequestException as error:
            return self._broken_off(error) if error.response is None else _answered(error.response)
        except AnymailError as error:
            return self._refused(error)
        return _accepted(prepared.mail.anymail_status)

    def close(self) -> None:
        self._backend.close()

    def _broken_off(self, error: requests.RequestException) -> Outcome:
        """No reply: harmless until the request was written, uncertain from then on."""
        timed_out = self._watch.is_over or isinstance(error, requests.Timeout)
        verdict = Verdict.UNCERTAIN if self._watch.was_written else Verdict.RETRY
        return Outcome(verdict, "timeout" if timed_out else "connection_lost", ends_batch=True)

    def _refused(self, error: AnymailError) -> Outcome:
        """The request itself went well: the provider refused the recipient, or it was not made."""
        is_known = isinstance(error, AnymailRecipientsRefused) or not self._watch.was_written
        verdict = Verdict.FAILED if is_known else Verdict.UNCERTAIN
        return Outcome(verdict, type(error).__name__[:40])


def _answered(response: requests.Response) -> Outcome:
    status = response.status_code
    code = str(status)
    if 200 <= status < 300:
        # Accepted, it seems, in words that could not be read.
        return Outcome(Verdict.UNCERTAIN, code)
    if status in (401, 403):
        return Outcome(Verdict.REFUSED_US, code, ends_batch=True)
    if status == 409 and (verdict := _OF_A_KNOWN_KEY.get(_error_name(response))):
        return Outcome(verdict, code)
    if 400 <= status < 500 and status not in (408, 425, 429):
        return Outcome(Verdict.FAILED, code)
    return Outcome(Verdict.RETRY, code, ends_batch=status == 429, blame=Blame.PROVIDER)


def _error_name(response: requests.Response) -> str:
    try:
        body = response.json()
    except ValueError:
        return ""
    return str(body.get("name")) if isinstance(body, dict) else ""


def _accepted(status: Any) -> Outcome:
    response = status.esp_response
    if not response.ok:
        # A refusal in words that anymail does not know.
        return _answered(response)
    if status.status and status.status <= _NOT_SENT:
        return Outcome(Verdict.FAILED, min(status.status))
    ids = status.message_id
    message_id = min(ids, default="") if isinstance(ids, set | frozenset | list | tuple) else ids
    code = str(response.status_code)
    return Outcome(Verdict.SENT, code, provider_message_id=str(message_id or "")[:200])
