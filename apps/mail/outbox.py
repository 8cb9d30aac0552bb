"""What the sending engine must know of a table of outgoing mail; the table's own app answers.

Each app registers its outbox in `AppConfig.ready`; the engine serves them in the order of
registration.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from django.db.models import Q

from apps.mail.message import Message
from apps.mail.models import Outgoing


class Outbox(Protocol):
    """One table that inherits Outgoing, and what is particular to it."""

    @property
    def name(self) -> str:
        """What logs and Message-IDs call it."""

    @property
    def model(self) -> type[Outgoing]:
        """The table."""

    def claimable(self, now: datetime) -> Q:
        """What must hold, beside being due, for a row to be claimed."""

    def armable(self, row: Any) -> Q:
        """What must still hold in the very statement that arms the row; else it is cancelled."""

    def load(self, ids: Sequence[int]) -> list[Any]:
        """These rows in order of sending, with whatever `armable` reads of them, in one query."""

    def compose(self, ids: Sequence[int]) -> Mapping[int, Message]:
        """The mails of these rows, in a constant number of queries.

        A row left out has nothing more to say and is cancelled.
        """

    def expire(self, now: datetime) -> None:
        """Put right, set-wise, what has waited too long to be sent as it stands."""

    def handed_over(self, ids: Sequence[int]) -> None:
        """Rows were sent, or are uncertain for the first time; runs in the settling transaction."""

    def called_off(self, ids: Sequence[int]) -> None:
        """The engine cancelled rows; runs in the cancelling transaction."""


_outboxes: list[Outbox] = []


def register(outbox: Outbox) -> None:
    """Let the engine serve this table as well."""
    _outboxes.append(outbox)


def registered() -> tuple[Outbox, ...]:
    """All outboxes, in the order in which they are served."""
    return tuple(_outboxes)
