"""`manage.py export_problems PATH [--status …]`: write the bank as Markdown files with front
matter.
"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.problems.exporting import export_problems
from apps.problems.models import Problem, ProblemStatus


class Command(BaseCommand):
    help = "Writes one file for each problem, in the one way that import_problems reads back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument(
            "--status",
            action="append",
            choices=ProblemStatus.values,
            help="only problems of this status; may be repeated",
        )

    def handle(self, *args: Any, path: Path, **options: Any) -> None:
        problems = Problem.objects.filter(status__in=options["status"] or ProblemStatus.values)
        total = problems.count()
        written = 0
        try:
            for file, is_changed in export_problems(
                problems, path, progress=lambda done: self.stderr.write(f"{done} of {total}")
            ):
                written += is_changed
                if is_changed:
                    self.stdout.write(f"wrote {file}")
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror or error}") from error
        self.stdout.write(f"{written} files written, {total - written} up to date.")
