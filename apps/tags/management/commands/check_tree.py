"""`manage.py check_tree [--rebuild]`: whether the tree is one, and numbering it anew."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.tags.services import check_tree, rebuild_tree


class Command(BaseCommand):
    help = (
        "Compares the numbering of the tag tree with what the parents say. Exit code 1 on a fault."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--rebuild", action="store_true", help="number the tree anew from the parents first"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["rebuild"]:
            self.stdout.write(f"Renumbered {rebuild_tree()} tags.")
        faults = check_tree()
        for fault in faults:
            self.stdout.write(f"tag {fault.tag_id} “{fault.name}”: {fault.fault}")
        if faults:
            raise CommandError(f"The tag tree has {len(faults)} faults.")
        self.stdout.write("The tag tree is sound.")
