"""What a transport answers: not whether an exception was raised, but how far the mail got."""

import enum
from dataclasses import dataclass
from typing import Protocol

from apps.mail.message import Message

# One message has this long in all; the rest of a step's time is what is left of it.
MESSAGE_TIMEOUT_S = 60.0


class Verdict(enum.Enum):
    """What became of one mail that was armed."""

    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    # The provider refuses us, not this mail: nobody's attempt counts, and sending stops.
    REFUSED_US = "refused_us"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict on one mail; `ends_batch` when the connection is not to be used again."""

    verdict: Verdict
    code: str
    provider_message_id: str = ""
    ends_batch: bool = False


class TransportDownError(Exception):
    """No connection could be had; nothing was armed, and nothing is lost."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Transport(Protocol):
    """One connection, used for one batch."""

    def send(self, message: Message) -> Outcome:
        """Hand one mail over; never raises for what the other side does."""

    def close(self) -> None:
        """Say goodbye, if there is anybody left to hear it."""
