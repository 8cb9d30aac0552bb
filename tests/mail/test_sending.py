"""Whole runs of the sender, through a real mail server that misbehaves on command."""

import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from billiard.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError, connection
from django.utils import timezone

from apps.core.models import Alert, Heartbeat
from apps.mail import batch as batch_module
from apps.mail import ledger
from apps.mail.account_outbox import AccountOutbox
from apps.mail.batch import send_batch
from apps.mail.models import SendingSwitch
from apps.mail.run import Run
from apps.mail.sending import send_due
from apps.mail.services import turn_sending_off, turn_sending_on
from apps.mail.tasks import send_batch as send_batch_task
from apps.mail.transports import Line
from apps.mail.transports.smtp import SmtpTransport
from apps.notifications.models import Delivery
from apps.notifications.outbox import DeliveryOutbox
from tests.factories import (
    DeliveryFactory,
    OutboundMailFactory,
    SentDeliveryFactory,
)

pytestmark = pytest.mark.django_db


def challenges():
    return list(Delivery.objects.challenges().order_by("due_at", "id"))


def statuses():
    return [row.status for row in challenges()]


def planned(count, **columns):
    """Challenges that are due, the first one first."""
    now = timezone.now()
    return [
        DeliveryFactory(due_at=now - timedelta(seconds=count - n), **columns) for n in range(count)
    ]


def recipient(delivery):
    return delivery.subscription.user.email


def open_alerts():
    return sorted(Alert.objects.open().values_list("kind", "raised_count"))


# What becomes of a mail


def test_due_mails_arrive_under_the_message_id_that_their_rows_keep(mail_server):
    deliveries = planned(3)

    counts = send_due()

    assert counts == {"sent": 3}
    assert [mail["To"] for mail in mail_server.mails()] == [recipient(d) for d in deliveries]
    assert [mail["Message-ID"] for mail in mail_server.mails()] == [
        row.message_id for row in challenges()
    ]
    assert statuses() == ["sent"] * 3
    assert mail_server.connection_count == 1


def test_a_second_run_sends_nothing(mail_server):
    planned(2)
    send_due()

    assert send_due() == {}
    assert len(mail_server.mails()) == 2


def test_account_mails_go_first_and_by_the_same_path(mail_server):
    planned(1)
    mail = OutboundMailFactory(purpose="verify_email")

    assert send_due() == {"sent": 2}

    mail.refresh_from_db()
    assert (mail.status, mail.attempts, mail.last_code) == ("sent", 1, "250")
    assert mail_server.mails()[0]["To"] == mail.recipient


def test_a_temporary_refusal_holds_up_nobody_else(mail_server):
    first, *others = planned(3)
    mail_server.behave({"at": "rcpt", "do": "451 later", "to": recipient(first)})

    assert send_due() == {"planned": 1, "sent": 2}

    first.refresh_from_db()
    assert (first.status, first.attempts, first.last_code) == ("planned", 1, "451")
    assert first.not_before > timezone.now() + timedelta(seconds=40)
    assert [mail["To"] for mail in mail_server.mails()] == [recipient(d) for d in others]


def test_a_permanent_refusal_is_one_attempt(mail_server):
    first, *_ = planned(3)
    mail_server.behave({"at": "rcpt", "do": "550 nobody", "to": recipient(first)})

    assert send_due() == {"failed": 1, "sent": 2}
    assert send_due() == {}

    first.refresh_from_db()
    assert (first.status, first.attempts, first.last_code) == ("failed", 1, "550")


def test_each_outcome_is_one_line_of_the_log(mail_server, caplog):
    sent, failed, later = planned(3)
    mail_server.behave(
        {"at": "rcpt", "do": "550 nobody", "to": recipient(failed)},
        {"at": "rcpt", "do": "451 later", "to": recipient(later)},
    )

    with caplog.at_level("INFO", "apps.mail"):
        send_due()

    said = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    assert [
        (line["event"], line["row"], line["status"], line["last_code"], line["attempts"])
        for line in said
        if "row" in line
    ] == [
        ("mail_settled", sent.pk, "sent", "250", 1),
        ("mail_settled", failed.pk, "failed", "550", 1),
        ("mail_settled", later.pk, "planned", "451", 1),
    ]
    assert [line["event"] for line in said if "row" not in line] == ["mail_run_finished"]


def test_a_server_that_always_says_later_is_asked_six_times_in_all(mail_server):
    (delivery,) = planned(1)
    mail_server.behave({"at": "rcpt", "do": "451 later"})
    waits = []

    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(6):
            began = timezone.now()
            send_due()
            delivery.refresh_from_db()
            if delivery.not_before:
                waits.append((delivery.not_before - began).total_seconds() / 60)
                clock.move_to(delivery.not_before)

    assert (delivery.status, delivery.attempts) == ("failed", 6)
    for wait, expected in zip(waits, (1, 5, 15, 60, 180), strict=True):
        assert 0.8 * expected <= wait <= 1.2 * expected


def test_a_connection_lost_before_the_content_is_tried_again(mail_server):
    first, *_ = planned(3)
    mail_server.behave({"at": "rcpt", "do": "drop", "to": recipient(first)})

    assert send_due() == {"planned": 1}

    assert statuses() == ["planned"] * 3
    first.refresh_from_db()
    assert (first.attempts, first.uncertain_count) == (1, 0)


@pytest.mark.parametrize("at", ["data", "content", "dot", "taken"])
def test_a_connection_lost_from_data_on_is_uncertain_and_repeated_once(mail_server, at):
    (delivery,) = planned(1)
    mail_server.behave({"at": at, "do": "drop", "times": 1})

    assert send_due() == {"uncertain": 1}
    with time_machine.travel(timezone.now() + timedelta(minutes=9), tick=False) as clock:
        assert send_due() == {}
        clock.shift(timedelta(minutes=1))
        assert send_due() == {"sent": 1}

    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts, delivery.uncertain_count) == ("sent", 2, 1)
    assert {mail["Message-ID"] for mail in mail_server.mails()} == {delivery.message_id}
    assert len(mail_server.mails()) == (2 if at == "taken" else 1)
    assert Delivery.objects.filter(kind="solution").count() == 1


def test_uncertain_for_the_second_time_it_has_failed_and_nobody_gets_a_third_copy(mail_server):
    (delivery,) = planned(1)
    mail_server.behave({"at": "taken", "do": "drop"})

    send_due()
    with time_machine.travel(timezone.now() + timedelta(minutes=10), tick=False) as clock:
        send_due()
        clock.shift(timedelta(hours=1))
        send_due()

    delivery.refresh_from_db()
    assert (delivery.status, delivery.uncertain_count) == ("failed", 2)
    assert len(mail_server.mails()) == 2


def test_the_message_id_stays_when_the_configuration_changes(mail_server, settings):
    planned(1)
    mail_server.behave({"at": "taken", "do": "drop", "times": 1})
    send_due()

    settings.SECRET_KEY = "another-secret-key-" + "z" * 40
    with time_machine.travel(timezone.now() + timedelta(minutes=10), tick=False):
        send_due()

    first, second = mail_server.mails()
    assert first["Message-ID"] == second["Message-ID"]


def test_what_is_not_wanted_any_more_is_cancelled(mail_server):
    paused, _ = planned(2)
    paused.subscription.status, paused.subscription.next_delivery_at = "paused", None
    paused.subscription.save()

    assert send_due() == {"cancelled": 1, "sent": 1}

    paused.refresh_from_db()
    assert paused.status == "cancelled"


def test_an_expired_account_mail_is_cancelled(mail_server):
    mail = OutboundMailFactory(expires_at=timezone.now() - timedelta(seconds=1))

    assert send_due() == {}

    mail.refresh_from_db()
    assert (mail.status, mail.last_code) == ("cancelled", "expired")


def test_a_solution_goes_out_by_the_same_path_once_its_challenge_has(mail_server):
    challenge = SentDeliveryFactory(problem__solution="Because.")
    solution = DeliveryFactory(
        subscription=challenge.subscription, problem=challenge.problem, kind="solution"
    )

    assert send_due() == {"sent": 1}

    solution.refresh_from_db()
    assert solution.status == "sent"
    (mail,) = mail_server.mails()
    assert mail["In-Reply-To"] == challenge.message_id


# What ends a batch, and a run


def test_the_first_time_out_ends_the_run_and_releases_what_was_not_armed(mail_server):
    planned(4)
    mail_server.behave({"at": "rcpt", "do": "silence"})

    assert send_due() == {"planned": 1}

    assert [(row.status, row.attempts, row.solo_claims) for row in challenges()] == [
        ("planned", 1, 0),
        ("planned", 0, 0),
        ("planned", 0, 0),
        ("planned", 0, 0),
    ]


def test_a_connection_that_carried_mails_is_replaced_when_it_breaks(mail_server):
    _, second, *_ = planned(4)
    mail_server.behave({"at": "taken", "do": "drop", "to": recipient(second)})

    assert send_due() == {"sent": 3, "uncertain": 1}
    assert mail_server.connection_count == 2


def test_a_server_that_breaks_every_connection_gets_one_mail_a_run(mail_server):
    planned(4)
    mail_server.behave({"at": "taken", "do": "drop"})

    assert send_due() == {"uncertain": 1}
    assert statuses() == ["uncertain", "planned", "planned", "planned"]


@pytest.mark.parametrize("do", ["421 busy", "drop", "silence"])
def test_without_a_connection_nothing_is_attempted_and_an_alert_opens(mail_server, do):
    planned(2)
    mail_server.behave({"at": "banner", "do": do})

    assert send_due() == {"transport_down": 1}
    assert send_due() == {"transport_down": 1}

    assert [(row.status, row.attempts) for row in challenges()] == [("planned", 0)] * 2
    assert open_alerts() == [("transport_down", 2)]


def test_the_alert_closes_when_the_mail_server_is_back(mail_server):
    planned(1)
    mail_server.behave({"at": "banner", "do": "drop"})
    send_due()
    mail_server.behave()

    send_due()

    assert open_alerts() == []


def test_one_connection_carries_no_more_mails_than_a_batch_has(mail_server, settings):
    settings.MAIL_BATCH_SIZE = 2
    planned(5)

    assert send_due() == {"sent": 5}
    assert mail_server.connection_count == 3


def test_no_row_is_begun_when_the_runs_time_is_over(mail_server, settings, monkeypatch):
    woken = []
    monkeypatch.setattr("apps.mail.sending.enqueue", woken.append)
    settings.MAIL_RUN_S = 0
    planned(2)

    assert send_due() == {}

    assert statuses() == ["planned"] * 2
    assert woken == ["emails.send_batch"]


def test_a_run_whose_time_is_over_mid_batch_gives_the_rest_back(mail_server, monkeypatch):
    planned(3)
    clock = SimpleNamespace(monotonic=lambda: 1000.0 * len(mail_server.mails()))
    monkeypatch.setattr("apps.mail.run.time", clock)

    assert send_due() == {"sent": 1}
    assert statuses() == ["sent", "planned", "planned"]


def test_a_worker_that_is_asked_to_end_begins_no_other_row(mail_server, monkeypatch):
    planned(3)
    monkeypatch.setattr("apps.mail.run.is_worker_stopping", lambda: bool(mail_server.mails()))

    assert send_due() == {"sent": 1}
    assert statuses() == ["sent", "planned", "planned"]


def test_a_batch_whose_lease_is_over_is_not_begun(mail_server):
    planned(2)
    stale = ledger.claim(DeliveryOutbox(), limit=50)
    run = Run()

    with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=False), Line() as line:
        send_batch(DeliveryOutbox(), stale, line, run)

    assert run.counts == {}
    assert mail_server.mails() == []


def test_the_switch_stops_a_batch_midway_without_blaming_its_rows(mail_server, monkeypatch):
    planned(3)
    heed = Run.heed

    def stop_after_the_first(run, outcome, **kwargs):
        heed(run, outcome, **kwargs)
        turn_sending_off(reason="A test.")

    monkeypatch.setattr(Run, "heed", stop_after_the_first)

    assert send_due() == {"sent": 1}
    assert [(row.status, row.solo_claims) for row in challenges()] == [
        ("sent", 0),
        ("planned", 0),
        ("planned", 0),
    ]


def test_while_the_switch_is_off_nothing_moves(mail_server):
    planned(1)
    turn_sending_off(reason="A test.")

    assert send_due() == {}
    assert statuses() == ["planned"]
    assert mail_server.connection_count == 0


# Who is at fault


def test_refused_credentials_turn_sending_off_once_with_one_alert(mail_server, settings):
    settings.MAIL_TRANSPORT |= {"username": "ada", "password": "wrong"}
    mail_server.behave({"at": "auth", "do": "535 5.7.8 no"})
    planned(2)

    assert send_due() == {"transport_down": 1}
    assert send_due() == {}

    assert [(row.status, row.attempts) for row in challenges()] == [("planned", 0)] * 2
    switch = SendingSwitch.objects.get()
    assert (switch.is_on, switch.reason) == (
        False,
        "The mail server refused our credentials (535).",
    )
    assert open_alerts() == [("sending_off", 1)]


def test_so_many_refusals_in_a_row_are_about_us(mail_server, settings):
    settings.MAIL_REFUSED_IN_A_ROW = 3
    planned(5)
    mail_server.behave({"at": "rcpt", "do": "554 relay access denied"})

    assert send_due() == {"failed": 3}

    assert statuses() == ["failed", "failed", "failed", "planned", "planned"]
    assert not SendingSwitch.objects.get().is_on
    assert open_alerts() == [("sending_off", 1)]


@pytest.mark.parametrize("at", ["banner", "rcpt"])
def test_a_provider_that_stays_dead_turns_sending_off_once_and_nothing_turns_it_on(
    mail_server, settings, at
):
    settings.MAIL_DEAD_AFTER_TRIES = 3
    planned(5)
    mail_server.behave({"at": at, "do": "drop"})

    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(3):
            send_due()
        in_a_minute = SendingSwitch.objects.get().is_on
        clock.shift(timedelta(minutes=30))
        send_due()
        mail_server.behave()
        after = [send_due(), send_due()]
        switch = SendingSwitch.objects.get()
        assert open_alerts() == [("sending_off", 1), ("transport_down", 4)]
        turn_sending_on()
        on_again = send_due()

    assert in_a_minute
    assert (switch.is_on, switch.changed_by) == (False, None)
    assert "No mail has got through since" in switch.reason
    assert after == [{}, {}]
    assert on_again["sent"] >= 1
    assert open_alerts() == []


def test_refusals_with_a_mail_taken_between_them_are_about_the_mails(mail_server, settings):
    settings.MAIL_REFUSED_IN_A_ROW = 2
    first, _, third, _ = planned(4)
    for refused in (first, third):
        refused.subscription.user.email = f"gone{refused.pk}@example.org"
        refused.subscription.user.save()
    mail_server.behave({"at": "rcpt", "do": "550 nobody", "to": "^gone"})

    assert send_due() == {"failed": 2, "sent": 2}
    assert SendingSwitch.objects.get().is_on


class BrokenError(Exception):
    pass


@pytest.fixture
def break_compose(monkeypatch):
    """Makes composing the given deliveries raise."""
    compose = DeliveryOutbox.compose

    def install(*broken):
        pks = {delivery.pk for delivery in broken}

        def fragile(self, rows):
            if pks & {row.pk for row in rows}:
                raise BrokenError("no template")
            return compose(self, rows)

        monkeypatch.setattr(DeliveryOutbox, "compose", fragile)

    return install


def test_a_mail_that_cannot_be_composed_is_put_off_and_the_others_are_sent(
    mail_server, break_compose
):
    _, broken, _ = planned(3)
    break_compose(broken)

    assert send_due() == {"put_off": 1, "sent": 2}

    broken.refresh_from_db()
    assert (broken.status, broken.attempts, broken.last_code) == ("planned", 1, "not_made")
    assert broken.not_before > timezone.now()
    (alert,) = Alert.objects.open()
    assert (alert.kind, alert.detail) == (
        "mail_not_made",
        {"row": broken.pk, "error": "BrokenError('no template')"},
    )


def test_a_mail_that_cannot_be_written_is_put_off_before_it_is_armed(mail_server):
    odd, _ = planned(2)
    odd.subscription.user.email = "ada<@example.org"
    odd.subscription.user.save()

    assert send_due() == {"put_off": 1, "sent": 1}

    odd.refresh_from_db()
    assert (odd.status, odd.attempts, odd.message_id) == ("planned", 1, "")


@pytest.mark.parametrize(
    ("owner", "step"), [(DeliveryOutbox, "compose"), (SmtpTransport, "prepare")]
)
def test_a_run_whose_time_ends_while_mails_are_made_puts_none_off(
    mail_server, monkeypatch, owner, step
):
    planned(3)

    def too_late(self, mails, **options):
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(owner, step, too_late)

    with pytest.raises(SoftTimeLimitExceeded):
        send_due()

    assert [(row.status, row.attempts, row.last_code) for row in challenges()] == [
        ("planned", 0, "")
    ] * 3
    assert not Alert.objects.exists()


def test_a_mail_that_has_nothing_to_say_is_cancelled(mail_server, monkeypatch):
    mail = OutboundMailFactory()
    monkeypatch.setattr(AccountOutbox, "compose", lambda self, rows: {})

    assert send_due() == {"cancelled": 1}

    mail.refresh_from_db()
    assert (mail.status, mail.last_code) == ("cancelled", "nothing_to_say")
    assert mail_server.connection_count == 0


def test_suspects_are_sent_alone_and_share_a_connection(mail_server):
    planned(3, solo_claims=1)

    assert send_due() == {"sent": 3}

    assert mail_server.connection_count == 1
    assert [row.solo_claims for row in challenges()] == [0, 0, 0]


# A database that goes away


@pytest.fixture
def lose_database(monkeypatch):
    """Makes the n-th step of the ledger fail as a lost connection does, before or after it."""
    advance = ledger.advance

    def install(nth, *, after=False, times=1):
        calls = {"count": 0}

        def fragile(*args, **kwargs):
            calls["count"] += 1
            is_lost = nth <= calls["count"] < nth + times
            result = advance(*args, **kwargs) if after or not is_lost else None
            if is_lost:
                raise OperationalError("server closed the connection unexpectedly")
            return result

        monkeypatch.setattr(ledger, "advance", fragile)
        monkeypatch.setattr(batch_module, "connection", Connection())

    class Connection:
        """Stands in for the broken one: the test's own must stay open."""

        def close(self):
            pass

    return install


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_what_was_sent_is_written_down_when_the_database_is_back(
    mail_server, lose_database, nth, after
):
    planned(4)
    lose_database(nth, after=after, times=3)

    send_due()

    taken = nth - 1
    assert statuses() == ["sent"] * taken + ["planned"] * (4 - taken)
    assert [row.attempts for row in challenges()] == [1] * taken + [0] * (4 - taken)
    assert len(mail_server.mails()) == taken


def test_what_the_database_forgot_is_written_down_again(mail_server, lose_database, monkeypatch):
    planned(3)
    lose_database(3)
    lost = batch_module._BatchSender.database_was_lost

    def forget(sender, error):
        """As a crash does with commits that were not on the disk yet."""
        Delivery.objects.filter(kind="solution").delete()
        Delivery.objects.filter(status="sent").update(
            status="claimed",
            attempts=0,
            sent_at=None,
            message_id="",
            lease_owner=sender.batch.owner,
            lease_until=timezone.now() + timedelta(minutes=5),
        )
        lost(sender, error)

    monkeypatch.setattr(batch_module._BatchSender, "database_was_lost", forget)

    send_due()

    assert statuses() == ["sent", "sent", "planned"]
    assert Delivery.objects.filter(kind="solution").count() == 2
    assert len(mail_server.mails()) == 2


def test_a_database_that_stays_away_is_given_up_on_and_the_leases_do_the_rest(
    mail_server, lose_database, settings
):
    settings.MAIL_DATABASE_WAIT_S = 0.3
    planned(2)
    lose_database(2, times=1000)

    with pytest.raises(OperationalError):
        send_due()

    assert statuses() == ["sending", "claimed"]


# The run itself


def test_a_run_shows_that_the_sender_lives(mail_server):
    send_due()

    assert timezone.now() - Heartbeat.objects.get(name="sender").beat_at < timedelta(seconds=10)


def test_the_task_is_a_doorway(mail_server):
    planned(1)

    assert send_batch_task() == {"sent": 1}
    assert (send_batch_task.time_limit, send_batch_task.soft_time_limit) == (240, 210)
    assert send_batch_task.autoretry_for == ()


def test_the_production_values(settings):
    assert (
        settings.MAIL_BATCH_SIZE,
        settings.MAIL_LEASE_S,
        settings.MAIL_QUIET_S,
        settings.MAIL_BACKOFF_S,
        settings.MAIL_SOLO_CLAIMS,
        settings.MAIL_RUN_S,
        settings.MAIL_MESSAGE_S,
        settings.MAIL_CONNECT_S,
        settings.MAIL_DATABASE_WAIT_S,
        settings.MAIL_REFUSED_IN_A_ROW,
        settings.MAIL_UNWELL_IN_A_ROW,
        settings.MAIL_DOUBTFUL_IN_A_ROW,
        settings.MAIL_DEAD_AFTER_S,
        settings.MAIL_DEAD_AFTER_TRIES,
    ) == (50, 300, 600, (60, 300, 900, 3600, 10800), 3, 150, 60, 20, 60, 50, 3, 10, 1800, 10)


def test_two_senders_at_once_send_each_mail_once(transactional_db, mail_server):
    SendingSwitch.objects.get_or_create(pk=1)
    planned(60)
    together = threading.Barrier(2)
    counts = []

    def send():
        together.wait()
        try:
            counts.append(send_due())
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(count.get("sent", 0) for count in counts) == 60
    assert len({mail["Message-ID"] for mail in mail_server.mails()}) == 60
    assert len(mail_server.mails()) == 60
    assert {row.attempts for row in challenges()} == {1}
