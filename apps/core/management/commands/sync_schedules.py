"""Write the default periodic tasks; what an admin changed or deleted stays so."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.core.schedules import sync_schedules


class Command(BaseCommand):
    help = "Create or update the default periodic tasks, leaving edited and deleted ones alone."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, done in sync_schedules(settings.DEFAULT_SCHEDULES).items():
            self.stdout.write(f"{name}: {done}")
