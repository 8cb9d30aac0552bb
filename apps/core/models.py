"""What the machinery itself must remember: open alerts, signs of life, and the schedules it last
wrote.
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from apps.core.querysets import AlertQuerySet


class Alert(models.Model):
    """Something a person must look at; one open row per kind and key.

    Written by core.services only.
    """

    kind = models.CharField(max_length=50)
    key = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict, blank=True)
    raised_count = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField()
    last_raised_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"], condition=Q(resolved_at__isnull=True), name="alert_one_open"
            ),
            models.CheckConstraint(condition=~Q(kind=""), name="alert_kind_named"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}".strip()


class Heartbeat(models.Model):
    """The last sign of life of one component (beat, planner, sender, one per queue)."""

    name = models.CharField(max_length=50, primary_key=True)
    beat_at = models.DateTimeField()
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ScheduleDefault(models.Model):
    """What `sync_schedules` last wrote under a name, so that an admin's edit is told from our own
    default.
    """

    name = models.CharField(max_length=200, primary_key=True)
    fingerprint = models.CharField(max_length=64)
    written_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Tally(models.Model):
    """A running total that workers keep for /metrics; only ever counted up, by core.tallies."""

    name = models.CharField(max_length=100)
    labels = ArrayField(models.CharField(max_length=100))
    total = models.FloatField()

    class Meta:
        verbose_name_plural = "tallies"
        ordering = ["name", "labels"]
        constraints = [
            models.UniqueConstraint(fields=["name", "labels"], name="tally_once"),
            models.CheckConstraint(condition=Q(total__gte=0), name="tally_counts_up"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {' '.join(self.labels)}".strip()
