"""One run of the sender: how long it may take, what it has done, and what makes it stop."""

import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable
from datetime import timedelta
from typing import TypeAlias

import structlog
from django.conf import settings
from django.utils import timezone

from apps.core.models import Alert
from apps.core.services import raise_alert, record_heartbeat, resolve_alert
from apps.core.shutdown import is_worker_stopping
from apps.core.tallies import Tallies
from apps.mail import ledger
from apps.mail.outbox import Outbox, registered
from apps.mail.pace import Pace
from apps.mail.services import turn_sending_off
from apps.mail.transports import Blame, Outcome, TransportDownError, Verdict

log = structlog.get_logger(__name__)

# Rows that must be claimed alone take turns with batches, but looking for them is not free.
SUSPECTS_EVERY_S = 5.0
HEARTBEAT_EVERY_S = 5.0
# An outbox that was found empty is left alone for so long while another has mails.
EMPTY_FOR_S = 1.0
Claims: TypeAlias = Generator[tuple[Outbox, ledger.Batch], None, bool]


class Run:
    """What the batches of one run have in common."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.tallies = Tallies()
        self.pace = Pace()
        self._deadline = time.monotonic() + settings.MAIL_RUN_S
        self._is_stopped = False
        self._has_sent = False
        self._next_heartbeat = float("-inf")
        self._empty_until: dict[str, float] = {}
        self._refused_in_a_row = 0
        # The answers in a row that were not, or perhaps not, about a mail.
        self._doubtful: list[Outcome] = []

    @property
    def is_out_of_time(self) -> bool:
        """Whether it ended, if it has, because its time was over."""
        return not self._is_stopped and time.monotonic() >= self._deadline

    def may_go_on(self) -> bool:
        """Whether another row may be begun."""
        return not (self._is_stopped or self.is_out_of_time or is_worker_stopping())

    def stop(self) -> None:
        """Begin nothing more; the next tick will."""
        self._is_stopped = True

    def show_life(self) -> None:
        """Let status/ see that mail is being sent."""
        if time.monotonic() >= self._next_heartbeat:
            record_heartbeat("sender")
            self.tallies.save()
            self._next_heartbeat = time.monotonic() + HEARTBEAT_EVERY_S

    def batches(self) -> Claims:
        """Claim batch by batch, the outboxes taking turns, until nothing is due or this run must
        end. Each batch must be sent or released before the next is asked for.
        """
        look_at = time.monotonic() + SUSPECTS_EVERY_S
        found = True
        while found:
            found = yield from self._claim_due()
            if not found or time.monotonic() >= look_at:
                every = registered()
                found = (yield from self._claim_each(every, ledger.claim_suspect)) or found
                look_at = time.monotonic() + SUSPECTS_EVERY_S
        return found

    def _claim_due(self) -> Claims:
        now = time.monotonic()
        asleep = [each for each in registered() if now < self._empty_until.get(each.name, now)]
        awake = [each for each in registered() if each not in asleep]
        found = yield from self._claim_each(awake, self._claim)
        return found or (yield from self._claim_each(asleep, self._claim))

    def _claim(self, outbox: Outbox) -> ledger.Batch:
        batch = ledger.claim(outbox, limit=settings.MAIL_BATCH_SIZE)
        if not batch.rows:
            self._empty_until[outbox.name] = time.monotonic() + EMPTY_FOR_S
        return batch

    def _claim_each(
        self, outboxes: Iterable[Outbox], claim: Callable[[Outbox], ledger.Batch]
    ) -> Claims:
        found = False
        for outbox in outboxes:
            if not self.may_go_on():
                return False
            batch = claim(outbox)
            if batch.rows:
                found = True
                yield outbox, batch
        return found

    def wait_s(self) -> float:
        """Seconds until the next mail may leave; stops the run when the day's number is reached."""
        wait_s = self.pace.wait_s()
        if wait_s is None:
            log.warning("daily_limit_reached", per_day=settings.EMAIL_MAX_PER_DAY)
            raise_alert("daily_limit_reached", detail={"per_day": settings.EMAIL_MAX_PER_DAY})
            self.stop()
        return wait_s or 0.0

    def heed(self, outcome: Outcome, *, is_working: bool) -> None:
        """Draw the conclusions of one outcome for the rest of the run.

        `is_working` when this connection has carried a mail before: then the next may as well.
        """
        if outcome.verdict is Verdict.SENT:
            self._note_that_it_works()
        elif outcome.verdict is Verdict.REFUSED_US:
            self._turn_off(
                f"The mail provider refused us, not a mail: credentials or encryption "
                f"({outcome.code})."
            )
            return
        elif outcome.verdict is Verdict.FAILED:
            self._count_refusal(outcome)
        if outcome.ends_batch and (outcome.code == "timeout" or not is_working):
            self._nobody_answers(outcome.code, outcome.blame)
        elif outcome.blame is not Blame.MAIL:
            self._doubt(outcome)

    def conclude(self) -> None:
        """Take a provider that put off all it got for unwell, though that was few mails: at once if
        it was not about them, else if it has been unwell before and nothing has got through since.
        """
        if self._doubtful and not self._has_sent:
            last = (self._unwell() or self._doubtful)[-1]
            if last.blame is not Blame.DOUBTFUL or _is_known_to_be_down():
                self._nobody_answers(last.code, last.blame)

    def transport_is_down(self, error: TransportDownError) -> None:
        """There was no connection to be had."""
        self.counts["transport_down"] += 1
        log.warning("transport_down", code=error.code)
        if error.refuses_us:
            self._turn_off(f"The mail server refused our credentials ({error.code}).")
        else:
            self._nobody_answers(error.code)

    def _count_refusal(self, outcome: Outcome) -> None:
        self._refused_in_a_row += 1
        if self._refused_in_a_row >= settings.MAIL_REFUSED_IN_A_ROW:
            self._turn_off(
                f"The mail server refused {self._refused_in_a_row} mails one after the other, "
                f"the last with {outcome.code}."
            )

    def _doubt(self, outcome: Outcome) -> None:
        self._doubtful.append(outcome)
        if (
            len(self._unwell()) >= settings.MAIL_UNWELL_IN_A_ROW
            or len(self._doubtful) >= settings.MAIL_DOUBTFUL_IN_A_ROW
        ):
            self._nobody_answers(outcome.code, outcome.blame)

    def _unwell(self) -> list[Outcome]:
        return [each for each in self._doubtful if each.blame is not Blame.DOUBTFUL]

    def _nobody_answers(self, code: str, blame: Blame = Blame.PROVIDER) -> None:
        """Leave it to the next tick; a provider that stays dead is for a person to decide about,
        and so is one that does not let us send, as soon as it is no accident.
        """
        self.stop()
        alert = raise_alert("transport_down", detail={"code": code})
        since = alert.opened_at
        is_long = timezone.now() - since >= timedelta(seconds=settings.MAIL_DEAD_AFTER_S)
        in_a_row = max(len(self._unwell()), alert.raised_count)
        if blame is Blame.SENDER and in_a_row >= settings.MAIL_UNWELL_IN_A_ROW:
            self._turn_off(f"The mail server does not let EMAIL_FROM send ({code}).")
        elif is_long and alert.raised_count >= settings.MAIL_DEAD_AFTER_TRIES:
            self._turn_off(f"No mail has got through since {since:%d %B, %H:%M} UTC ({code}).")
        self._doubtful.clear()

    def _note_that_it_works(self) -> None:
        self._refused_in_a_row = 0
        self._doubtful.clear()
        if not self._has_sent:
            self._has_sent = True
            resolve_alert("transport_down")
            resolve_alert("daily_limit_reached")

    def _turn_off(self, reason: str) -> None:
        turn_sending_off(reason=reason)
        self.stop()


def _is_known_to_be_down() -> bool:
    return Alert.objects.open().filter(kind="transport_down").exists()
