"""The stop button."""

import pytest
from django.core.management import CommandError, call_command

from apps.core.errors import ConflictError, InvalidInputError
from apps.core.models import Alert
from apps.mail.identity import confirm_identity
from apps.mail.models import SendingSwitch
from apps.mail.services import turn_sending_off, turn_sending_on
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def woken(monkeypatch):
    tasks = []
    monkeypatch.setattr("apps.mail.services.enqueue", tasks.append)
    return tasks


def switch():
    return SendingSwitch.objects.get()


def alerts():
    return list(Alert.objects.open().values_list("kind", "detail"))


def test_it_is_on_after_the_migrations():
    assert (switch().is_on, switch().reason) == (True, "")


def test_turning_it_off_keeps_the_reason_and_opens_one_alert(woken):
    curator = UserFactory()

    turn_sending_off(reason="  The bank is broken. ", by=curator)

    assert (switch().is_on, switch().reason, switch().changed_by) == (
        False,
        "The bank is broken.",
        curator,
    )
    assert alerts() == [("sending_off", {"reason": "The bank is broken."})]
    assert woken == []


def test_whoever_comes_second_changes_nothing(woken):
    turn_sending_off(reason="First.")

    turn_sending_off(reason="Second.", by=UserFactory())

    assert (switch().reason, switch().changed_by) == ("First.", None)
    assert Alert.objects.get().raised_count == 1


@pytest.mark.parametrize("reason", ["", "  \n "])
def test_it_does_not_go_off_without_a_reason(reason):
    with pytest.raises(InvalidInputError):
        turn_sending_off(reason=reason)

    assert switch().is_on


def test_a_long_reason_is_cut(woken):
    turn_sending_off(reason="x" * 500)

    assert len(switch().reason) == 200


def test_turning_it_on_closes_the_alert_and_wakes_a_sender(woken):
    admin = UserFactory()
    turn_sending_off(reason="A test.")

    turn_sending_on(by=admin)

    assert (switch().is_on, switch().reason, switch().changed_by) == (True, "", admin)
    assert alerts() == []
    assert woken == ["emails.send_batch"]


def test_turning_on_what_is_on_changes_nothing(woken):
    turn_sending_on(by=UserFactory())

    assert switch().changed_by is None
    assert woken == []


def test_it_stays_off_for_a_database_that_nobody_has_confirmed(woken):
    SendingSwitch.objects.update(is_on=False, reason="A restored backup.", database_identity="1/1")

    with pytest.raises(ConflictError, match="confirm_identity"):
        turn_sending_on()
    confirm_identity()
    turn_sending_on()

    assert switch().is_on


# manage.py sending


def test_the_command_turns_it_off_and_on(woken, capsys):
    call_command("sending", "off", "--reason", "Moving house.")
    off = (switch().is_on, switch().reason)
    call_command("sending", "on")

    assert off == (False, "Moving house.")
    assert switch().is_on
    assert capsys.readouterr().out == "Sending is off: Moving house.\nSending is on\n"


def test_the_command_says_how_it_stands(capsys):
    call_command("sending")

    assert capsys.readouterr().out == "Sending is on\n"


def test_the_command_wants_a_reason():
    with pytest.raises(CommandError, match="--reason"):
        call_command("sending", "off")

    assert switch().is_on


def test_the_command_passes_a_refusal_on():
    SendingSwitch.objects.update(is_on=False, reason="x", database_identity="1/1")

    with pytest.raises(CommandError, match="confirm_identity"):
        call_command("sending", "on")
