"""`manage.py export_tags PATH`: write the tree as one YAML file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.files import write_whole
from apps.tags.selectors import tree_entries
from apps.tags.tag_file import render


class Command(BaseCommand):
    help = "Writes the tag tree as a YAML file, in the one way that import_tags reads back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)

    def handle(self, *args: Any, path: Path, **options: Any) -> None:
        try:
            written = write_whole(path, render(tree_entries()))
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror or error}") from error
        self.stdout.write(f"Wrote {path}." if written else f"{path} is up to date.")
