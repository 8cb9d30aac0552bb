"""Print, as JSON, what became of the demo subscriber's challenge of today."""

import time
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.pages.demo import DemoChallenge, demo_challenge

POLL_S = 0.5


class Command(BaseCommand):
    help = "Print, as JSON, what became of the demo subscriber's challenge; only under DEMO."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--wait", type=float, default=0, help="seconds to wait for it")
        parser.add_argument(
            "--since",
            type=datetime.fromisoformat,
            default=None,
            help="a first challenge sent from this instant on is called the first one",
        )

    def handle(self, *args: Any, wait: float, since: datetime | None, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("There is a demo subscriber under DEMO=1 only.")
        self.stdout.write(_wait_for_it(wait, since or timezone.now()).as_json())


def _wait_for_it(wait_s: float, since: datetime) -> DemoChallenge:
    deadline = time.monotonic() + wait_s
    while True:
        found = demo_challenge(since=since)
        left_s = deadline - time.monotonic()
        if found.state != "missing" or left_s <= 0:
            return found
        time.sleep(min(POLL_S, left_s))
