"""Make the demo accounts and the demo subscription; what exists is left alone."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.pages.demo import make_demo


class Command(BaseCommand):
    help = "Make the demo accounts and the demo subscription; only under DEMO."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Demo accounts are made under DEMO=1 only.")
        for line in make_demo() or ["All there."]:
            self.stdout.write(line)
