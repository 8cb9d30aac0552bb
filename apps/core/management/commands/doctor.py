"""Look at everything that the platform needs, and say a line about each."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.doctor import State, examine


class Command(BaseCommand):
    help = "Say whether what is configured also works, and what to do where it does not."
    # It looks at the migrations itself, and at a database that may be away.
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        failed = 0
        for finding in examine():
            self.stdout.write(str(finding))
            failed += finding.state is State.FAIL
        if failed:
            raise CommandError(f"{failed} of these do not work.")
