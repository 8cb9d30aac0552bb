"""What the sending engine must know of a table of outgoing mail; the table's own app answers.

Each app registers its outbox in `AppConfig.ready`; the engine serves them in the order of
registration.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db.models import Q, QuerySet

from apps.mail.message import Message
from apps.mail.models import Outgoing

# The clocks of two machines are never quite the same.
CLOCK_SKEW = timedelta(minutes=1)


class Outbox(Protocol):
    """One table that inherits Outgoing, and what is particular to it.

    `armable` and `sequel` are parts of advance.sql. `armable` is a condition on `row`: what must
    still hold in the very statement that arms it, else it is called off. `sequel` is a statement
    that reads `settled` and changes what follows from a row's being settled.

    What `claimable` asks of other tables it asks with scalar subqueries, looked up row by row.
    """

    name: str
    armable: str
    sequel: str

    @property
    def model(self) -> type[Outgoing]: ...

    @property
    def parameter_types(self) -> Mapping[str, str]:
        """PostgreSQL's types of the parameters that the two parts take."""

    def arming(self, row: Any) -> Mapping[str, Any]:
        """The parameters of `armable`, named next_…"""

    def settling(self, row: Any) -> Mapping[str, Any]:
        """The parameters of `sequel`, named done_…"""

    def fresh(self, now: datetime) -> Q:
        """What must hold for a row to be worth sending as it stands, without another table."""

    def claimable(self, now: datetime) -> Q:
        """What must hold, beside being due, for a row to be claimed."""

    def load(self, ids: Sequence[int]) -> list[Any]:
        """These rows in order of sending, with whatever the other methods read of them, in a
        constant number of queries.
        """

    def compose(self, rows: Sequence[Any]) -> Mapping[int, Message]:
        """The mails of these rows, in a constant number of queries.

        A row left out has nothing more to say and is cancelled.
        """

    def look(self, row: Any) -> Message | None:
        """The mail of one row as `compose` would make it now, with nothing written down; None when
        it has nothing more to say.
        """

    def expire(self, now: datetime) -> None:
        """Put right, set-wise, what has waited too long to be sent as it stands, and what was given
        its instant by a clock that has been set back since.
        """

    def call_off(self, rows: "QuerySet[Any]", *, code: str) -> int:
        """Cancel those of these rows that are still unarmed once they are locked; how many.

        Whatever else a cancelled row holds is freed in the same transaction.
        """

    def why_not_resend(self, row: Any) -> str:
        """Why a mail that did not arrive cannot be sent again, in a person's words; empty when it
        can. Locks whatever the answer rests on.
        """


_outboxes: list[Outbox] = []


def register(outbox: Outbox) -> None:
    """Let the engine serve this table as well."""
    _outboxes.append(outbox)


def registered() -> tuple[Outbox, ...]:
    """All outboxes, in the order in which they are served."""
    return tuple(_outboxes)


def named(name: str) -> Outbox:
    """The outbox of this name."""
    return next(outbox for outbox in _outboxes if outbox.name == name)


def outbox_of(row: Outgoing) -> Outbox:
    """The outbox that serves this row's table."""
    return next(outbox for outbox in _outboxes if outbox.model is type(row))
