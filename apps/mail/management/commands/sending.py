"""`manage.py sending [on | off --reason …]`: the stop button."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.errors import DomainError
from apps.mail.models import SendingSwitch
from apps.mail.services import turn_sending_off, turn_sending_on


class Command(BaseCommand):
    help = "Turns the sending of all mail on or off; without a word says how it stands."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("state", nargs="?", choices=["on", "off"])
        parser.add_argument("--reason", default="", help="why it is off; staff sees it")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["state"] == "off" and not options["reason"].strip():
            raise CommandError("Say why: manage.py sending off --reason “…”")
        try:
            if options["state"] == "off":
                turn_sending_off(reason=options["reason"])
            elif options["state"] == "on":
                turn_sending_on()
        except DomainError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(f"Sending is {SendingSwitch.objects.get(pk=1)}")
