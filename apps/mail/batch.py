"""Sends one claimed batch."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog
from billiard.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from apps.core.services import raise_alert
from apps.mail import ledger
from apps.mail.figures import count_settled
from apps.mail.ledger import Attempt
from apps.mail.message import Message
from apps.mail.models import Outgoing
from apps.mail.outbox import Outbox
from apps.mail.run import Run
from apps.mail.transports import Line, Outcome, Transport, TransportDownError, Verdict

log = structlog.get_logger(__name__)

_DATABASE_LOST = (OperationalError, InterfaceError)
# Faults of the moment, not of a row that happens to be made just then.
_NOT_THE_ROWS = (*_DATABASE_LOST, SoftTimeLimitExceeded)
_UNSENT = Outcome(Verdict.UNSENT, "unsent")
_PAUSE_S = 0.2


def send_batch(outbox: Outbox, batch: ledger.Batch, line: Line, run: Run) -> None:
    """Send the rows of a batch in order, and give back those that it does not get to.

    A database that goes away meanwhile ends the run, not our knowledge: what was sent is written
    down when it is back.
    """
    sender = _BatchSender(outbox, batch, line, run)
    try:
        sender.send(sender.prepare(sender.compose()))
    except TransportDownError as error:
        run.transport_is_down(error)
    except _DATABASE_LOST as error:
        sender.database_was_lost(error)
    finally:
        sender.finish()


@dataclass(frozen=True, slots=True)
class _Letter:
    """A row's mail in the form that leaves."""

    row: Outgoing
    message_id: str
    prepared: Any


class _BatchSender:
    """What is known of a batch while it is sent."""

    def __init__(self, outbox: Outbox, batch: ledger.Batch, line: Line, run: Run) -> None:
        self.outbox = outbox
        self.batch = batch
        self.line = line
        self.run = run
        self._outcomes: list[tuple[Attempt, Outcome]] = []
        # How many of them the database knows.
        self._written = 0
        self._arming: Attempt | None = None
        # The rows that we hold a lease on, without having armed them.
        self._held = {row.pk for row in batch.rows}

    def compose(self) -> Mapping[int, Message]:
        """The batch's mails by row; what cannot be made is put off, what has nothing to say is
        cancelled.
        """
        rows = self.batch.rows
        try:
            messages = self.outbox.compose(rows)
        except _NOT_THE_ROWS:
            raise
        except Exception as error:  # noqa: BLE001 -- each row is tried alone, and logged
            log.warning("batch_not_composed", outbox=self.outbox.name, error=repr(error))
            messages = self._compose_one_by_one(rows)
        unsaid = [pk for pk in self._held if pk not in messages]
        if unsaid:
            count = ledger.call_off(self.outbox, self.batch, unsaid, "nothing_to_say")
            self.run.counts["cancelled"] += count
            self._held.difference_update(unsaid)
        return messages

    def _compose_one_by_one(self, rows: Sequence[Any]) -> dict[int, Message]:
        messages: dict[int, Message] = {}
        for row in rows:
            try:
                messages.update(self.outbox.compose([row]))
            except _NOT_THE_ROWS:
                raise
            except Exception as error:  # noqa: BLE001 -- it is put off and logged
                self._put_off(row, error)
        return messages

    def _put_off(self, row: Outgoing, error: Exception) -> None:
        log.error("mail_not_made", outbox=self.outbox.name, row=row.pk, exc_info=error)
        detail = {"row": row.pk, "error": repr(error)[:300]}
        raise_alert("mail_not_made", key=self.outbox.name, detail=detail)
        ledger.postpone(self.outbox, self.batch.owner, row, "not_made")
        self.run.counts["put_off"] += 1
        self._held.discard(row.pk)

    def prepare(self, messages: Mapping[int, Message]) -> list[_Letter]:
        """The mails in the form that leaves, in order of sending; what cannot be put so is put off.

        All of them before the first is armed: nothing that is armed waits for another's bytes, and
        made in a row they take half the time.
        """
        letters = []
        for row in self.batch.rows:
            if row.pk not in messages:
                continue
            transport = self.line.transport()
            try:
                letters.append(_letter(row, messages[row.pk], transport))
            except _NOT_THE_ROWS:
                raise
            except Exception as error:  # noqa: BLE001 -- it is put off and logged
                self._put_off(row, error)
        return letters

    def send(self, letters: Sequence[_Letter]) -> None:
        """Arm, send and settle row by row, until the connection, the lease or the run ends."""
        for letter in letters:
            if not self._may_begin():
                return
            outcome = self._send_letter(letter)
            if outcome and outcome.ends_batch:
                return

    def _may_begin(self) -> bool:
        while self.run.may_go_on() and self.batch.is_leased():
            wait_s = self.run.wait_s()
            if not wait_s:
                return self.run.may_go_on()
            # Nobody should find a mail that has left still `sending` because we wait.
            self._write()
            time.sleep(min(wait_s, _PAUSE_S))
        return False

    def _send_letter(self, letter: _Letter) -> Outcome | None:
        """The outcome, or None when the row was not to be sent, or not ours any more."""
        transport = self.line.transport()
        attempt = Attempt.next_of(letter.row, self.batch.owner, letter.message_id)
        if not self._arm(attempt):
            self._let_go(attempt)
            return None
        self.run.pace.use()
        outcome = transport.send(letter.prepared)
        self._outcomes.append((attempt, outcome))
        self.run.heed(outcome, is_working=self.line.is_working)
        self.line.used(outcome)
        return outcome

    def _arm(self, attempt: Attempt) -> bool:
        """Arm a row, writing down in the same transaction what became of the one before."""
        self._arming = attempt
        statuses, armed = ledger.advance(self.outbox, self._outcomes[self._written :], attempt)
        self._arming = None
        self._held.discard(attempt.row.pk)
        self._note(statuses)
        return armed

    def _let_go(self, attempt: Attempt) -> None:
        """Find out why a row could not be armed, and act on it."""
        if not ledger.is_sending_on():
            self._held.add(attempt.row.pk)
            self.run.stop()
        elif ledger.call_off_unwanted(self.outbox, attempt.owner, attempt.row):
            self.run.counts["cancelled"] += 1
        else:
            log.info("mail_taken_away", outbox=self.outbox.name, row=attempt.row.pk)

    def _write(self, *, for_good: bool = False) -> None:
        unwritten = self._outcomes[self._written :]
        self._note(ledger.advance(self.outbox, unwritten, None, for_good=for_good)[0])

    def _note(self, statuses: Sequence[str]) -> None:
        settled = self._outcomes[self._written :]
        self._written += len(statuses)
        self.run.counts.update(statuses)
        for (attempt, _), status in zip(settled, statuses, strict=False):
            count_settled(self.run.tallies, self.outbox.name, attempt.row, status)

    def database_was_lost(self, error: Exception) -> None:
        """Take nothing for granted that it said of this batch, and stop for now.

        It may have forgotten its last commits; and whether a row that was being armed is armed
        nobody knows, but it was not sent.
        """
        log.warning("database_lost", error=str(error).strip())
        self._written = 0
        if self._arming:
            self._outcomes.append((self._arming, _UNSENT))
            self._arming = None
        self.run.stop()

    def finish(self) -> None:
        """Write down what is not yet, and give back what was not armed; if the database is away,
        when it is back. Should it not come back in time, the leases run out.
        """
        deadline = time.monotonic() + settings.MAIL_DATABASE_WAIT_S
        while True:
            try:
                self._write(for_good=True)
                if self._held:
                    ledger.release(self.outbox, self.batch)
            except _DATABASE_LOST as error:
                if time.monotonic() >= deadline:
                    raise
                self.database_was_lost(error)
                connection.close()
                time.sleep(_PAUSE_S)
            else:
                return


def _letter(row: Outgoing, message: Message, transport: Transport) -> _Letter:
    if row.message_id:
        # Whatever has been configured anew since: one mail, one Message-ID.
        message = replace(message, message_id=row.message_id)
    key = ledger.delivery_key(row, message.message_id)
    return _Letter(row, message.message_id, transport.prepare(message, key=key))
