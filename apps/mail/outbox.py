"""What the sending engine must know of a table of outgoing mail; the table's own app answers.

Each app registers its outbox in `AppConfig.ready`; the engine serves them in the order of
registration.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from django.db.models import Q, QuerySet

from apps.mail.message import Message
from apps.mail.models import Outgoing


class Outbox(Protocol):
    """One table that inherits Outgoing, and what is particular to it.

    What `claimable` and `armable` ask of other tables they ask with `Exists`, never through a join:
    a joined UPDATE makes its choice in a subquery, which PostgreSQL does not repeat after waiting
    for a row that somebody else is just cancelling. (The ledger refuses a join.)
    """

    name: str

    @property
    def model(self) -> type[Outgoing]: ...

    def claimable(self, now: datetime) -> Q:
        """What must hold, beside being due, for a row to be claimed."""

    def armable(self, row: Any) -> Q:
        """What must still hold in the very statement that arms the row; else it is called off."""

    def load(self, ids: Sequence[int]) -> list[Any]:
        """These rows in order of sending, with whatever the other methods read of them, in one
        query.
        """

    def compose(self, rows: Sequence[Any]) -> Mapping[int, Message]:
        """The mails of these rows, in a constant number of queries.

        A row left out has nothing more to say and is cancelled.
        """

    def expire(self, now: datetime) -> None:
        """Put right, set-wise, what has waited too long to be sent as it stands."""

    def handed_over(self, ids: Sequence[int]) -> None:
        """Rows were sent, or are uncertain for the first time; runs in the settling transaction."""

    def call_off(self, rows: "QuerySet[Any]", *, code: str) -> int:
        """Cancel those of these rows that are still unarmed once they are locked; how many.

        Whatever else a cancelled row holds is freed in the same transaction.
        """


_outboxes: list[Outbox] = []


def register(outbox: Outbox) -> None:
    """Let the engine serve this table as well."""
    _outboxes.append(outbox)


def registered() -> tuple[Outbox, ...]:
    """All outboxes, in the order in which they are served."""
    return tuple(_outboxes)
