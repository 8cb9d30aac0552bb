"""The periodic tasks that every installation starts with; `manage.py sync_schedules` writes them,
admins edit them.

Plain data. Intervals only: beat leaves crons that are hours away out of sight between its re-reads.
Every entry expires before its next run, so that a worker that was away finds one message, not a
heap.
"""

from dataclasses import dataclass
from datetime import timedelta

_TICK = timedelta(seconds=30)
_NIGHTLY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DefaultSchedule:
    """One default entry; the queue is the first word of the task's name."""

    name: str
    task: str
    every: timedelta
    description: str

    @property
    def queue(self) -> str:
        return self.task.partition(".")[0]

    @property
    def expires_s(self) -> int:
        """Seconds after which an unstarted run is dropped."""
        return max(1, int(self.every.total_seconds() * 5 / 6))


DEFAULT_SCHEDULES = (
    DefaultSchedule(
        "Plan deliveries",
        "default.plan_deliveries",
        _TICK,
        "Plans a challenge for everyone whose hour has come.",
    ),
    DefaultSchedule(
        "Send mail",
        "emails.send_batch",
        _TICK,
        "Sends what is due; picks up what a dead worker left.",
    ),
    DefaultSchedule(
        "Heartbeat of queue emails",
        "emails.record_heartbeat",
        _TICK,
        "Shows that the queue is served.",
    ),
    DefaultSchedule(
        "Heartbeat of queue content",
        "content.record_heartbeat",
        _TICK,
        "Shows that the queue is served.",
    ),
    DefaultSchedule(
        "Heartbeat of queue default",
        "default.record_heartbeat",
        _TICK,
        "Shows that the queue is served.",
    ),
    DefaultSchedule(
        "Prune old mails",
        "default.prune_outbound_mails",
        _NIGHTLY,
        "Deletes account mails older than 30 days.",
    ),
    DefaultSchedule(
        "Purge unverified accounts",
        "default.purge_unverified_accounts",
        _NIGHTLY,
        "Deletes accounts that were never verified within 7 days.",
    ),
    DefaultSchedule(
        "Flush expired tokens",
        "default.flush_expired_tokens",
        _NIGHTLY,
        "Deletes sign-in tokens that have expired.",
    ),
    DefaultSchedule(
        "Recount problems",
        "default.rebuild_ranking",
        _NIGHTLY,
        "Recounts tags and rebuilds the ranked lists.",
    ),
    DefaultSchedule(
        "Check the tag tree",
        "default.check_tree",
        _NIGHTLY,
        "Raises an alert when the tree is damaged.",
    ),
    DefaultSchedule(
        "Prune histories",
        "default.prune_history",
        _NIGHTLY,
        "Deletes earlier versions of tags and problems that are older than two years.",
    ),
)
