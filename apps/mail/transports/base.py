"""What a transport answers: not whether an exception was raised, but how far the mail got."""

import enum
from dataclasses import dataclass
from typing import Any, Protocol

from apps.mail.message import Message


class Verdict(enum.Enum):
    """What became of one mail that was armed."""

    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    # The provider is still busy with an earlier attempt, and has not taken this one.
    UNDER_WAY = "under_way"
    # The provider refuses us, not this mail: nobody's attempt counts, and sending stops.
    REFUSED_US = "refused_us"
    # It was armed, but not a word was said to anybody: as if it had not been armed.
    UNSENT = "unsent"


class Blame(enum.Enum):
    """What an answer that is no yes may be about, beside this mail and whom it is for."""

    MAIL = "mail"
    # That, or the other side's own state.
    DOUBTFUL = "doubtful"
    # Its own state: nothing was known of the mail, or nothing about it can bring such an answer.
    PROVIDER = "provider"
    # Who sends: refused for good, before it was said for whom the mail is.
    SENDER = "sender"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict on one mail; `ends_batch` when the connection is not to be used again."""

    verdict: Verdict
    code: str
    provider_message_id: str = ""
    ends_batch: bool = False
    blame: Blame = Blame.MAIL


class TransportDownError(Exception):
    """No connection could be had; nothing was armed, and nothing is lost.

    `refuses_us` when it will be no better next time: the other side does not accept who we are.
    """

    def __init__(self, code: str, *, refuses_us: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.refuses_us = refuses_us


class Transport(Protocol):
    """One connection, used for one batch."""

    def prepare(self, message: Message, *, key: str = "") -> Any:
        """Put the mail into the form that leaves. Before it is armed: what cannot be put so raises
        here, where it harms nobody.

        `key` is for providers that take only one of all mails that come under the same; see
        ledger.delivery_key.
        """

    def send(self, prepared: Any) -> Outcome:
        """Hand one prepared mail over; never raises for what the other side does."""

    def close(self) -> None:
        """Say goodbye, if there is anybody left to hear it."""
