"""P29: a restored backup sends nothing by itself, and nothing stale when it is let to."""

from datetime import UTC, datetime, timedelta

import time_machine
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from apps.core.models import Alert
from apps.mail.models import SendingSwitch
from apps.mail.sending import send_due
from apps.notifications.models import Delivery, Subscription
from apps.notifications.services import plan_due
from config.connections import mail_transport_from_url
from tests.factories import ProblemFactory
from tests.faults.conftest import execute
from tests.faults.crowd import planned_challenges

NOON = datetime(2027, 5, 5, 12, tzinfo=UTC)


def restore_as(postgres, name):
    """Make this thread's Django work with a copy of its database, as a restored dump is one."""
    original = connection.settings_dict["NAME"]
    connection.close()
    execute(postgres.server.url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    execute(postgres.server.url, f"CREATE DATABASE {name} TEMPLATE {original}")
    connection.settings_dict["NAME"] = name


def test_a_restored_backup_waits_for_a_person_and_then_sends_nothing_stale(
    begin, postgres, settings, show
):
    campaign = begin()
    settings.MAIL_TRANSPORT = mail_transport_from_url(f"smtp://127.0.0.1:{campaign.mail.port}")
    ProblemFactory.create_batch(5)
    with time_machine.travel(NOON, tick=False) as clock:
        send_due()  # the identity of the original is on record
        planned_challenges(30)
        restore_as(postgres, "campaign_restored")
        clock.shift(timedelta(hours=20))
        original_time = timezone.now()

        first = send_due()
        plan_due()
        again = send_due()
        switch = SendingSwitch.objects.get()
        held = campaign.mail.taken_count()

        call_command("confirm_identity")
        call_command("sending", "on")
        plan_due()
        confirmed = send_due()

    assert (first, again, held) == ({}, {}, 0)
    assert (switch.is_on, "restored backup" in switch.reason) == (False, True)
    assert Alert.objects.get(kind="sending_off").raised_count == 1
    # Twenty hours old: all of them wait for their readers' next hour.
    assert confirmed == {}
    assert campaign.mail.taken_count() == 0
    assert set(Delivery.objects.values_list("status", flat=True)) == {"planned"}
    assert not Subscription.objects.filter(next_delivery_at__lt=original_time).exists()
    show("P29  a dump of 20 h ago with 30 due mails: sending off, and 0 stale ones once it is on")
