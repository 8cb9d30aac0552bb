"""Signs of life, and what `sync_schedules` last wrote."""

from datetime import timedelta

from django.contrib import admin
from django.utils import timezone
from unfold.decorators import display

from apps.core.admin.badges import badge, one_line
from apps.core.admin.base import ServiceAdmin
from apps.core.ages import dated_age
from apps.core.models import Heartbeat, ScheduleDefault

# Every component gives a sign at least every 30 s.
LATE_AFTER = timedelta(seconds=90)
SILENT_AFTER = timedelta(minutes=5)


def pulse_of(heartbeat: Heartbeat) -> str:
    """`alive`, `late` or `silent`."""
    quiet = timezone.now() - heartbeat.beat_at
    if quiet < LATE_AFTER:
        return "alive"
    return "late" if quiet < SILENT_AFTER else "silent"


PULSE_COLOURS = {"alive": "success", "late": "warning", "silent": "danger"}


@admin.register(Heartbeat)
class HeartbeatAdmin(ServiceAdmin):
    list_display = ["name", "pulse", "last_beat", "facts"]
    fields = ["name", "pulse", "beat_at", "detail"]

    @display(description="Pulse")
    def pulse(self, heartbeat: Heartbeat) -> str:
        pulse = pulse_of(heartbeat)
        return badge(pulse, PULSE_COLOURS[pulse])

    @display(description="Last sign of life")
    def last_beat(self, heartbeat: Heartbeat) -> str:
        return dated_age(heartbeat.beat_at)

    @display(description="Details")
    def facts(self, heartbeat: Heartbeat) -> str:
        return one_line(heartbeat.detail)


@admin.register(ScheduleDefault)
class ScheduleDefaultAdmin(ServiceAdmin):
    """For admins who wonder why an upgrade left one of their schedules alone."""

    list_display = ["name", "short_fingerprint", "written"]
    fields = ["name", "fingerprint", "written_at"]
    search_fields = ["=name"]
    search_help_text = "Exact name"

    @display(description="Fingerprint of what we wrote")
    def short_fingerprint(self, row: ScheduleDefault) -> str:
        return row.fingerprint[:12]

    @display(description="Written")
    def written(self, row: ScheduleDefault) -> str:
        return dated_age(row.written_at)
