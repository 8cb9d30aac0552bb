"""Mail on its way out: the abstract outbox row, account mails and notices, who must not be written
to, the stop button.
"""

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.core.constraints import IsOneOf, both_or_neither, choices_check, is_set
from apps.mail.querysets import OutboundMailQuerySet


class OutgoingStatus(models.TextChoices):
    """Where a mail stands.

    The arrows between them are in docs/architecture.md; mail.sending walks them.
    """

    PLANNED = "planned"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


LEASED = (OutgoingStatus.CLAIMED, OutgoingStatus.SENDING)
HANDED_OVER = (
    OutgoingStatus.SENT,
    OutgoingStatus.DELIVERED,
    OutgoingStatus.BOUNCED,
    OutgoingStatus.COMPLAINED,
)
NOT_ARRIVED = (
    OutgoingStatus.UNCERTAIN,
    OutgoingStatus.FAILED,
    OutgoingStatus.CANCELLED,
    OutgoingStatus.BOUNCED,
    OutgoingStatus.COMPLAINED,
)


class Outgoing(models.Model):
    """One mail to one person, as outbox and as history.

    Only mail.sending changes the transport columns.
    """

    status = models.CharField(
        max_length=10, choices=OutgoingStatus.choices, default=OutgoingStatus.PLANNED
    )
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    uncertain_count = models.PositiveSmallIntegerField(default=0)
    solo_claims = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_owner = models.UUIDField(null=True, blank=True)
    message_id = models.CharField(max_length=200, blank=True)
    provider_message_id = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    last_code = models.CharField(max_length=40, blank=True)

    class Meta:
        abstract = True


def outgoing_constraints(model: str) -> list[models.BaseConstraint]:
    """The rules that tie an outbox row's status to its transport columns."""
    return [
        choices_check(model, "status", OutgoingStatus),
        models.CheckConstraint(
            condition=both_or_neither(is_set("lease_until"), IsOneOf("status", LEASED))
            & both_or_neither(is_set("lease_until"), is_set("lease_owner")),
            name=f"{model}_leased_while_worked_on",
        ),
        models.CheckConstraint(
            condition=both_or_neither(is_set("sent_at"), IsOneOf("status", HANDED_OVER)),
            name=f"{model}_sent_at_when_sent",
        ),
        models.CheckConstraint(
            condition=Q(IsOneOf("status", _UNARMED)) | (Q(attempts__gte=1) & ~Q(message_id="")),
            name=f"{model}_armed_before_sent",
        ),
        models.CheckConstraint(
            condition=~Q(status=OutgoingStatus.UNCERTAIN)
            | Q(uncertain_count__gte=1, not_before__isnull=False),
            name=f"{model}_uncertain_is_counted",
        ),
    ]


# What a row may be that was never armed.
_UNARMED = (
    OutgoingStatus.PLANNED,
    OutgoingStatus.CLAIMED,
    OutgoingStatus.FAILED,
    OutgoingStatus.CANCELLED,
)


def outgoing_indexes(model: str) -> list[models.Index]:
    """Three partial indexes that the sending loop reads, one for what never arrived, which is rare
    and looked for, and one of a few pages that tells yesterday's rows from those of last year.
    """
    return [
        models.Index(
            fields=["due_at", "id"], condition=Q(status=OutgoingStatus.PLANNED), name=f"{model}_due"
        ),
        models.Index(
            fields=["lease_until"],
            condition=Q(status__in=LEASED),
            name=f"{model}_leased",
        ),
        models.Index(
            fields=["not_before"],
            condition=Q(status=OutgoingStatus.UNCERTAIN),
            name=f"{model}_uncertain",
        ),
        models.Index(
            fields=["due_at"], condition=Q(status__in=NOT_ARRIVED), name=f"{model}_not_arrived"
        ),
        BrinIndex(fields=["due_at"], autosummarize=True, name=f"{model}_by_time"),
    ]


class OutboundMail(Outgoing):
    """An account mail or a notice.

    It stores ids, never a token or a text; both are made when it is rendered.
    """

    purpose = models.CharField(max_length=40)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="outbound_mails",
    )
    recipient = models.EmailField(max_length=254)
    context = models.JSONField(default=dict, blank=True)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OutboundMailQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            *outgoing_constraints("outboundmail"),
            models.CheckConstraint(condition=~Q(purpose=""), name="outboundmail_purpose_named"),
            models.CheckConstraint(
                condition=Q(recipient__regex=r"^[^\s@]+@[^\s@]+$"),
                name="outboundmail_recipient_shaped",
            ),
        ]
        indexes = [
            *outgoing_indexes("outboundmail"),
            models.Index(fields=["user", "purpose"], name="outboundmail_user_purpose"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"


class SuppressionKind(models.TextChoices):
    """Why an address must not be written to."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    MANUAL = "manual"


class Suppression(models.Model):
    """An address that must not be written to, as a keyed hash, so that it outlives the erasure of
    the person.
    """

    digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=10, choices=SuppressionKind.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="suppression_digest_unique"),
            models.CheckConstraint(
                condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="suppression_digest_shaped"
            ),
            choices_check("suppression", "kind", SuppressionKind),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.digest[:8]}"


class SendingSwitch(models.Model):
    """The stop button: one row, made by the migration; nothing is claimed or armed while it is off.

    `database_identity` is the database that sending was last allowed for; see mail.identity.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    is_on = models.BooleanField(default=True)
    reason = models.CharField(max_length=200, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    changed_at = models.DateTimeField(auto_now=True)
    database_identity = models.CharField(max_length=60, blank=True, editable=False)

    class Meta:
        verbose_name_plural = "sending switch"
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="sendingswitch_single_row"),
            models.CheckConstraint(
                condition=Q(is_on=True) | ~Q(reason=""), name="sendingswitch_off_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return "on" if self.is_on else f"off: {self.reason}"


class SendingPace(models.Model):
    """What all workers together have sent: one row, made by the migration, written by mail.pace."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    next_at = models.DateTimeField(default=timezone.now)
    day = models.DateField(default=timezone.localdate)
    day_count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "sending pace"
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="sendingpace_single_row"),
        ]

    def __str__(self) -> str:
        return f"{self.day_count} on {self.day:%Y-%m-%d}"


class MailboxMessage(models.Model):
    """A mail that the demo transport kept instead of sending.

    Exists under DEMO only; the newest 500 are kept.
    """

    message_id = models.CharField(max_length=200)
    recipient = models.EmailField(max_length=254)
    subject = models.CharField(max_length=998)
    raw = models.BinaryField()
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["message_id"], name="mailboxmessage_message_id")]

    def __str__(self) -> str:
        return self.subject
