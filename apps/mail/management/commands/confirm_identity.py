"""`manage.py confirm_identity`: mail may be sent from this database, though it is another one."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.mail.identity import confirm_identity


class Command(BaseCommand):
    help = "Confirms that mail may be sent from this database, after a restore or a move."

    def handle(self, *args: Any, **options: Any) -> None:
        if confirm_identity():
            self.stdout.write("Confirmed. Sending stays as it is; turn it on: manage.py sending on")
        else:
            self.stdout.write("This database was confirmed already.")
