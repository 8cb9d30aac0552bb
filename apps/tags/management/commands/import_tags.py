"""`manage.py import_tags PATH [--dry-run] [--new-only]`: bring the tree to what a file says."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.files import read_at_most
from apps.core.strict_yaml import YamlError
from apps.tags.services import import_tags
from apps.tags.tag_file import FILE_SIZE_AT_MOST, TagEntry, parse


class Command(BaseCommand):
    help = "Adds and changes tags as a YAML file says, and deletes none. All or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="only list what would change")
        parser.add_argument(
            "--new-only", action="store_true", help="add missing tags, leave known ones alone"
        )

    def handle(self, *args: Any, path: Path, **options: Any) -> None:
        report = import_tags(_read(path), dry_run=options["dry_run"], new_only=options["new_only"])
        for line, reason in sorted(report.refusals):
            self.stderr.write(f"{path}:{line}: {reason}")
        if report.refusals:
            raise CommandError(f"Nothing was imported: {len(report.refusals)} faults.")
        for change in report.changes:
            self.stdout.write(f"would have {change}" if options["dry_run"] else change)
        self.stdout.write(
            f"{len(report.changes)} tags added or changed, {report.unchanged_count} unchanged"
            + (" (dry run: nothing was written)." if options["dry_run"] else ".")
        )


def _read(path: Path) -> list[TagEntry]:
    try:
        return parse(read_at_most(path, FILE_SIZE_AT_MOST))
    except YamlError as error:
        raise CommandError(f"{path}:{error.line}: {error.reason}") from error
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror or error}") from error
