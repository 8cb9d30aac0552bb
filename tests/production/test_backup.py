"""The commands of docs/backup.md, word for word, over a filled database, and what is sent then."""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from apps.mail.models import MailboxMessage, SendingSwitch
from apps.mail.sending import send_due
from apps.notifications.models import Delivery, Subscription
from apps.notifications.services import plan_due
from config.local.places import server_programs
from tests.factories import (
    DeliveryFactory,
    OutboundMailFactory,
    ProblemFactory,
    SentDeliveryFactory,
    SubscriptionFactory,
    TagFactory,
)
from tests.production.databases import scratch_database
from tests.production.shape import ROOT

INSIDE = "docker compose exec -T postgres "
OUTSIDE = r"docker compose (up|down|exec web)"


def commands(heading: str) -> list[str]:
    """The commands under a heading that run in the container of PostgreSQL."""
    text = (ROOT / "docs/backup.md").read_text()
    (section,) = re.findall(rf"^## {heading}$(.*?)(?=^## |\Z)", text, re.M | re.S)
    lines = [
        line
        for block in re.findall(r"```sh\n(.*?)```", section, re.S)
        for line in block.splitlines()
    ]
    assert all(line.startswith(INSIDE) or re.match(OUTSIDE, line) for line in lines)
    return [line.removeprefix(INSIDE) for line in lines if line.startswith(INSIDE)]


class Server:
    """Stands in for the container: the embedded programs, and databases of other names."""

    def __init__(self, folder: Path, **names: str) -> None:
        self.folder = folder
        self.names = names
        self.programs = server_programs(None, Path())

    def run(self, command: str) -> str:
        program, *words = shlex.split(command)
        written = words[-1] if words[-2] == ">" else ""
        given = (self.folder / words[-1]).read_bytes() if words[-2] == "<" else None
        if words[-2] in (">", "<"):
            words = words[:-2]
        done = subprocess.run(
            [self.programs / program, *map(self._here, words)],
            env=self._environment(),
            input=given,
            capture_output=True,
        )
        assert done.returncode == 0, done.stderr.decode()
        if written:
            (self.folder / written).write_bytes(done.stdout)
            return ""
        return done.stdout.decode()

    def _environment(self) -> dict[str, str]:
        server = connection.settings_dict
        return {
            "PATH": os.environ["PATH"],
            "PGHOST": server["HOST"],
            "PGPORT": server["PORT"] or "5432",
            "PGPASSWORD": server["PASSWORD"],
        }

    def _here(self, word: str) -> str:
        """The same word for the session's server."""
        if word == "--username=challenge":
            return f"--username={connection.settings_dict['USER']}"
        name, _, value = word.partition("=")
        if name == "--dbname":
            return f"--dbname={self.names[value]}"
        return self.names.get(word, word)


@contextmanager
def connected_to(name: str, blocker) -> Iterator[None]:
    """The default connection leads to this database."""
    before = connection.settings_dict["NAME"]
    with blocker.unblock():
        connection.close()
        connection.settings_dict["NAME"] = name
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = before


def fill() -> None:
    now = timezone.now()
    tag = TagFactory()
    ProblemFactory.create_batch(5, tags=[tag])
    for _ in range(3):
        subscription = SubscriptionFactory(next_delivery_at=now + timedelta(hours=1), tags=[tag])
        SentDeliveryFactory(subscription=subscription, due_at=now - timedelta(days=1))
        DeliveryFactory(subscription=subscription, slot=2, due_at=now)
    OutboundMailFactory()
    SendingSwitch.objects.update(database_identity="the lost database")


def rows() -> dict[str, list[tuple[object, ...]]]:
    return {
        "subscriptions": list(Subscription.objects.order_by("id").values_list()),
        "deliveries": list(Delivery.objects.order_by("id").values_list()),
    }


@pytest.fixture
def lost(django_db_blocker) -> Iterator[str]:
    """A filled database, with mail under way."""
    with scratch_database() as name:
        with connected_to(name, django_db_blocker):
            call_command("migrate", verbosity=0, interactive=False)
            fill()
        yield name


@pytest.fixture
def server(lost, tmp_path) -> Server:
    return Server(tmp_path, challenge=lost, drill=f"{lost}_drill")


@pytest.mark.faults
def test_what_was_backed_up_is_restored_and_nothing_stale_is_sent(
    server, lost, django_db_blocker, settings, time_machine
):
    settings.MAIL_TRANSPORT = {"kind": "mailbox"}
    with connected_to(lost, django_db_blocker):
        before = rows()
    for command in commands("Back up"):
        server.run(command)

    # Three days later, on a database made anew under the name of the lost one.
    for command in commands("Restore"):
        server.run(command)

    with connected_to(lost, django_db_blocker):
        assert rows() == before
        time_machine.move_to(timezone.now() + timedelta(days=3))
        # The first tick: nothing leaves, and staff is told why.
        plan_due()
        send_due()
        assert MailboxMessage.objects.count() == 0
        assert SendingSwitch.objects.get().is_on is False
        assert "confirm_identity" in SendingSwitch.objects.get().reason

        call_command("confirm_identity")
        call_command("sending", "on")
        plan_due()
        send_due()
        sent = MailboxMessage.objects.values_list("recipient", flat=True)
        assert len(sent) == len(set(sent)) <= 3
        late = timezone.now() - timedelta(hours=12)
        assert not Delivery.objects.filter(sent_at__gt=late, due_at__lt=late).exists()


@pytest.mark.faults
def test_the_drill_runs_beside_the_platform_and_leaves_nothing_behind(
    server, lost, django_db_blocker
):
    for command in commands("Back up"):
        server.run(command)

    said = [server.run(command) for command in commands("The drill")]

    with connected_to(lost, django_db_blocker):
        assert Delivery.objects.count() == 6
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [f"{lost}_drill"])
            assert cursor.fetchone() == (0,)
    assert any(re.search(r"^\s+6 \| 20\d\d-", text, re.M) for text in said)
