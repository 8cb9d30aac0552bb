"""What the database itself refuses, whoever asks."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.mail.models import OutboundMail, SendingPace, SendingSwitch, Suppression
from tests.factories import DeliveryFactory, OutboundMailFactory

pytestmark = pytest.mark.django_db

NOW = timezone.now()
LEASE = {"lease_until": NOW, "lease_owner": uuid4()}
ARMED = {"attempts": 1, "message_id": "<m@x>"}
# Each outbox table has the same rules, under names of its own.
OUTBOXES = {"delivery": DeliveryFactory, "outboundmail": OutboundMailFactory}


def refused(constraint, change):
    with pytest.raises(IntegrityError, match=f'"{constraint}"'), transaction.atomic():
        change()


@pytest.fixture(params=OUTBOXES)
def table(request):
    row = OUTBOXES[request.param]()
    return request.param, type(row).objects.filter(pk=row.pk)


@pytest.mark.parametrize(
    ("rule", "columns"),
    [
        ("status_known", {"status": "lost", **ARMED}),
        ("leased_while_worked_on", {"status": "claimed"}),
        ("leased_while_worked_on", {"status": "claimed", "lease_until": NOW}),
        ("leased_while_worked_on", {"status": "claimed", "lease_owner": uuid4()}),
        ("leased_while_worked_on", {"status": "planned", **LEASE}),
        ("leased_while_worked_on", {"status": "sent", "sent_at": NOW, **ARMED, **LEASE}),
        ("sent_at_when_sent", {"status": "sent", **ARMED}),
        ("sent_at_when_sent", {"status": "delivered", **ARMED}),
        ("sent_at_when_sent", {"status": "bounced", **ARMED}),
        ("sent_at_when_sent", {"status": "complained", **ARMED}),
        ("sent_at_when_sent", {"status": "failed", "sent_at": NOW}),
        ("armed_before_sent", {"status": "sending", **LEASE}),
        ("armed_before_sent", {"status": "sending", "attempts": 1, **LEASE}),
        ("armed_before_sent", {"status": "sent", "sent_at": NOW, "message_id": "<m@x>"}),
        ("uncertain_is_counted", {"status": "uncertain", "not_before": NOW, **ARMED}),
        ("uncertain_is_counted", {"status": "uncertain", "uncertain_count": 1, **ARMED}),
    ],
)
def test_a_row_whose_columns_contradict_its_status_is_refused(table, rule, columns):
    name, rows = table

    refused(f"{name}_{rule}", lambda: rows.update(**columns))


@pytest.mark.parametrize(
    "columns",
    [
        {"status": "claimed", **LEASE},
        {"status": "sending", **ARMED, **LEASE},
        {"status": "sent", "sent_at": NOW, **ARMED},
        {"status": "uncertain", "uncertain_count": 1, "not_before": NOW, **ARMED},
        {"status": "failed"},
        {"status": "cancelled"},
        {"status": "bounced", "sent_at": NOW, **ARMED},
    ],
)
def test_every_state_that_the_engine_writes_is_accepted(table, columns):
    _, rows = table

    assert rows.update(**columns) == 1


def test_an_account_mail_names_its_purpose():
    refused("outboundmail_purpose_named", lambda: OutboundMailFactory(purpose=""))


@pytest.mark.parametrize("recipient", ["", "ada", "a da@example.org", "a@b@c", "a@b\nBcc: c@d"])
def test_an_account_mail_has_one_recipient(recipient):
    refused("outboundmail_recipient_shaped", lambda: OutboundMailFactory(recipient=recipient))


def test_an_address_is_suppressed_once():
    Suppression.objects.create(digest="a" * 64, kind="bounce")

    refused(
        "suppression_digest_unique",
        lambda: Suppression.objects.create(digest="a" * 64, kind="complaint"),
    )


@pytest.mark.parametrize("digest", ["", "ada@example.org", "A" * 64, "a" * 63])
def test_only_a_keyed_hash_can_be_suppressed(digest):
    refused(
        "suppression_digest_shaped",
        lambda: Suppression.objects.create(digest=digest, kind="bounce"),
    )


def test_a_suppression_has_a_known_kind():
    refused(
        "suppression_kind_known",
        lambda: Suppression.objects.create(digest="a" * 64, kind="mood"),
    )


def test_there_is_one_switch():
    refused("sendingswitch_single_row", lambda: SendingSwitch.objects.create(pk=2))


def test_the_switch_is_not_off_without_a_reason():
    refused("sendingswitch_off_has_reason", lambda: SendingSwitch.objects.update(is_on=False))


def test_there_is_one_pace():
    refused("sendingpace_single_row", lambda: SendingPace.objects.create(pk=2))


def test_a_user_who_goes_takes_the_account_mails_along():
    mail = OutboundMailFactory()

    mail.user.delete()

    assert not OutboundMail.objects.exists()
