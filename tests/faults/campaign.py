"""One campaign: a database, a broker, a mail server and workers of its own."""

import json
import os
import random
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from apps.core.schedules import sync_schedules
from apps.notifications.models import Delivery
from tests.faults.programs import Celery, MailServer, Server, Web
from tests.waiting import until

# How long a campaign waits for what is no promise of its own, on a machine that has other work.
PATIENCE_S = 300
# Seconds, instead of minutes.
SHORT = {"MAIL_LEASE_S": 5, "MAIL_QUIET_S": 1, "MAIL_BACKOFF_S": [1, 1, 1, 1, 1]}


class Campaign:
    """What a test of a promise works with. Processes see the database that the test sees."""

    def __init__(
        self,
        folder: Path,
        database_url: str,
        broker: Server,
        *apps: str,
        pipelining: bool = True,
        **overrides: Any,
    ) -> None:
        self.folder = folder
        self.mail = MailServer(folder / "taken.jsonl", pipelining=pipelining)
        self.broker = broker
        self._database_url = database_url
        self._settings = SHORT | overrides
        self._apps = apps
        self._programs: list[Celery | Web] = []

    def environment(self, mail: MailServer | None = None) -> Mapping[str, str]:
        """Of one of its processes; with a mail server of its own, if one is given."""
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "CAMPAIGN_SETTINGS": json.dumps(self._settings),
            "CAMPAIGN_APPS": " ".join(self._apps),
            "READ_DOT_ENV": "0",
            "DEMO": "1",
            "SITE_URL": "http://127.0.0.1:8000",
            "EMAIL_URL": (mail or self.mail).url,
            "LOG_FORMAT": "json",
            "DATABASE_URL": self._database_url,
            "REDIS_URL": self.broker.server.url,
        }

    def celery(self, *arguments: str, mail: MailServer | None = None) -> Celery:
        log = self.folder / f"{arguments[0]}{len(self._programs)}.log"
        program = Celery((*arguments, "--loglevel", "INFO"), self.environment(mail), log)
        program.start()
        self._programs.append(program)
        return program

    def worker(
        self,
        *,
        queues: str = "emails,default",
        concurrency: int = 1,
        mail: MailServer | None = None,
    ) -> Celery:
        pool = ("--concurrency", str(concurrency), "--without-gossip", "--without-mingle")
        return self.celery("worker", "-Q", queues, *pool, mail=mail)

    def beat(self) -> Celery:
        return self.celery("beat", "--schedule", str(self.folder / "beat"))

    def web(self, processes: int = 2) -> Web:
        """The site, served by as many processes."""
        program = Web(processes, self.environment(), self.folder / "web.log")
        self._programs.append(program)
        program.start()
        return program

    def tick_every_second(self) -> None:
        """The default schedule, with the ticks of half a minute made ticks of a second."""
        sync_schedules(settings.DEFAULT_SCHEDULES)
        second, _ = IntervalSchedule.objects.get_or_create(every=1, period="seconds")
        for task in PeriodicTask.objects.filter(interval__every=30):
            task.interval = second
            task.save()

    def end(self) -> None:
        for program in self._programs:
            program.end(within_s=10)
        self.mail.end()


def statuses() -> dict[str, int]:
    """How many deliveries stand where."""
    return dict(Counter(Delivery.objects.values_list("status", flat=True)))


def everything_is_settled() -> bool:
    """Whether no challenge is waiting or under way."""
    return not Delivery.objects.challenges().open().exists()


def kill_while_sending(campaign: Campaign, worker: Celery, after: int) -> None:
    """Kill the worker's process group in the middle of sending, `after` so many more mails."""
    begun = campaign.mail.taken_count()
    until(lambda: campaign.mail.taken_count() >= begun + after, within_s=PATIENCE_S)
    time.sleep(random.uniform(0, 0.05))  # a moment that nobody chose
    worker.kill()


def given_up() -> int:
    """How many challenges have failed because twice nobody could tell whether they arrived."""
    return Delivery.objects.challenges().filter(status="failed", uncertain_count=2).count()


def repeated(mail: MailServer) -> int:
    """How many mails were taken again, after holding the campaign to what is true of every one:
    each challenge arrived, none more than twice, and each of them is on record once: as sent, or as
    given up after nobody could tell for the second time.
    """
    taken = Counter(entry["id"] for entry in mail.taken())
    challenges = set(Delivery.objects.challenges().values_list("message_id", flat=True))
    assert taken.keys() == challenges
    assert max(taken.values()) <= 2
    left = given_up()
    assert left == statuses().get("failed", 0)
    assert statuses().get("sent", 0) == len(challenges) - left
    # Every reader has the solution still to come.
    assert statuses()["planned"] == len(challenges)
    return sum(count - 1 for count in taken.values())
