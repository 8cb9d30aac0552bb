"""`manage.py import_tags PATH [--dry-run] [--atomic] [--new-only]`: bring the tree to what files
say.
"""

from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.tags.services import ImportedTags, TagImportRules, import_tag_files

PROGRESS_EVERY = 250


class Command(BaseCommand):
    help = (
        "Adds and changes tags as a YAML file says, or all *.yaml below a folder, and deletes none."
        " A file with a fault is refused as a whole."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="only list what would change")
        parser.add_argument(
            "--atomic", action="store_true", help="write nothing at all when any file is refused"
        )
        parser.add_argument(
            "--new-only", action="store_true", help="add missing tags, leave known ones alone"
        )

    def handle(self, *args: Any, path: Path, **options: Any) -> None:
        if not path.exists():
            raise CommandError(f"{path}: there is no such file or folder.")
        rules = TagImportRules(
            **{name: options[name] for name in ("dry_run", "atomic", "new_only")}
        )
        reports = import_tag_files(path, rules=rules, progress=self._progress)
        self._report(reports, dry_run=rules.dry_run)
        refused = [report for report in reports.values() if report.refusals]
        if refused:
            is_left_out = rules.atomic or rules.dry_run or len(refused) == len(reports)
            rest = "Nothing was imported" if is_left_out else "The rest was taken"
            raise CommandError(f"{len(refused)} of {len(reports)} files were refused. {rest}.")

    def _progress(self, done: int) -> None:
        if done % PROGRESS_EVERY == 0:
            self.stderr.write(f"{done} tags")

    def _report(self, reports: Mapping[Path, ImportedTags], *, dry_run: bool) -> None:
        changed = unchanged = 0
        for path, report in reports.items():
            for line, reason in sorted(report.refusals):
                self.stderr.write(f"{path}:{line}: {reason}")
            if report.refusals:
                continue
            for change in report.changes:
                self.stdout.write(f"would have {change}" if dry_run else change)
            changed += len(report.changes)
            unchanged += report.unchanged_count
        ending = " (dry run: nothing was written)." if dry_run else "."
        self.stdout.write(f"{changed} tags added or changed, {unchanged} unchanged{ending}")
