"""`manage.py export_tags PATH`: write the tree as one YAML file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.files import write_whole
from apps.tags.selectors import tree_entries
from apps.tags.tag_file import render


class Command(BaseCommand):
    help = (
        "Writes the tag tree as a YAML file, in the one way that import_tags reads back;"
        " in a folder that is there, as tags.yaml."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)

    def handle(self, *args: Any, path: Path, **options: Any) -> None:
        file = path / "tags.yaml" if path.is_dir() else path
        try:
            written = write_whole(file, render(tree_entries()))
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror or error}") from error
        self.stdout.write(f"Wrote {file}." if written else f"{file} is up to date.")
