"""A restored backup does not send by itself."""

import pytest
from django.core.management import call_command
from django.db import connection

from apps.core.models import Alert
from apps.mail.identity import confirm_identity, is_confirmed, present_identity
from apps.mail.models import SendingSwitch
from apps.mail.sending import send_due
from tests.factories import DeliveryFactory

pytestmark = pytest.mark.django_db


def switch():
    return SendingSwitch.objects.get()


def test_an_identity_names_the_cluster_and_the_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
        (oid,) = cursor.fetchone()

    cluster, _, database = present_identity().partition("/")

    assert cluster.isdigit()
    assert database == str(oid)


def test_a_role_without_privileges_may_read_it():
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE dc_plain")
        cursor.execute("SET LOCAL ROLE dc_plain")
        identity = present_identity()
        cursor.execute("RESET ROLE")

    assert identity == present_identity()


def test_the_first_time_confirms_itself():
    assert is_confirmed()
    assert switch().database_identity == present_identity()
    assert switch().is_on


def test_another_database_turns_sending_off_once(mail_server):
    SendingSwitch.objects.update(database_identity="1/1")
    delivery = DeliveryFactory()

    assert send_due() == {}
    assert send_due() == {}

    assert not switch().is_on
    assert "restored backup" in switch().reason
    assert Alert.objects.get(kind="sending_off").raised_count == 1
    delivery.refresh_from_db()
    assert delivery.status == "planned"
    assert mail_server.mails() == []


def test_confirmed_and_turned_on_it_sends_again(mail_server):
    SendingSwitch.objects.update(database_identity="1/1")
    DeliveryFactory()
    send_due()

    call_command("confirm_identity")
    still_off = send_due()
    call_command("sending", "on")

    assert still_off == {}
    assert send_due() == {"sent": 1}


def test_confirming_what_is_confirmed_changes_nothing(capsys):
    confirm_identity()
    call_command("confirm_identity")

    assert capsys.readouterr().out == "This database was confirmed already.\n"
    assert switch().is_on
