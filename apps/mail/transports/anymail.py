"""Any provider that django-anymail speaks to over HTTP; what a failure means is read from the
status code.
"""

from typing import Any

import requests
from anymail.exceptions import AnymailError
from anymail.message import AnymailMessage
from django.conf import settings
from django.core.mail import get_connection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from apps.mail.message import Message, safe_header
from apps.mail.transports.base import Outcome, TransportDownError, Verdict


class AnymailTransport:
    """One HTTP session to the provider."""

    def __init__(self, config: dict[str, Any]) -> None:
        backend = f"anymail.backends.{config['provider']}.EmailBackend"
        self._connection = get_connection(backend)
        try:
            self._connection.open()
        except (requests.RequestException, OSError) as error:
            raise TransportDownError(type(error).__name__) from error

    def send(self, message: Message) -> Outcome:
        mail = self._mail(message)
        try:
            self._connection.send_messages([mail])
        except requests.RequestException as error:
            return _unanswered(error)
        except AnymailError as error:
            return _answered(error)
        status = mail.anymail_status
        return Outcome(Verdict.SENT, "200", provider_message_id=_first_id(status.message_id))

    def close(self) -> None:
        self._connection.close()

    def _mail(self, message: Message) -> AnymailMessage:
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
        return mail


def _unanswered(error: requests.RequestException) -> Outcome:
    """No usable reply: harmless if we never connected, uncertain once the request was written."""
    response = getattr(error, "response", None)
    if response is not None:
        return _by_status(response.status_code)
    code = type(error.__cause__ or error).__name__
    verdict = Verdict.RETRY if _never_connected(error) else Verdict.UNCERTAIN
    return Outcome(verdict, code[:40], ends_batch=True)


def _answered(error: AnymailError) -> Outcome:
    status = getattr(error, "status_code", None)
    return _by_status(status) if status else Outcome(Verdict.FAILED, type(error).__name__[:40])


def _by_status(status: int) -> Outcome:
    if 200 <= status < 300:
        # Accepted, but the body could not be read: the provider holds the mail.
        return Outcome(Verdict.SENT, str(status))
    if status in (401, 403):
        return Outcome(Verdict.REFUSED_US, str(status), ends_batch=True)
    if status == 429 or status >= 500:
        return Outcome(Verdict.RETRY, str(status), ends_batch=status == 429)
    return Outcome(Verdict.FAILED, str(status))


def _never_connected(error: BaseException) -> bool:
    seen: BaseException | None = error
    while seen is not None:
        reason = getattr(seen, "reason", None) or next(iter(seen.args), None)
        for cause in (seen, reason, getattr(reason, "reason", None)):
            if isinstance(cause, NewConnectionError | ConnectTimeoutError):
                return True
        seen = seen.__cause__
    return False


def _first_id(message_id: Any) -> str:
    if isinstance(message_id, set | frozenset | list | tuple):
        message_id = next(iter(sorted(message_id)), "")
    return str(message_id or "")[:200]
