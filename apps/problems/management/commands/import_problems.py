"""`manage.py import_problems PATH [--approve] [--dry-run] [--atomic] [--keep-newer]`."""

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.problems.import_plan import Action, ImportRules, Result
from apps.problems.services import import_problems

_SILENT = (Action.UNCHANGED, Action.REFUSED)


class Command(BaseCommand):
    help = "Takes problems from Markdown files with front matter: one file, or all below a folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument(
            "--approve",
            action="store_true",
            help="approve what is complete (tier1_manual); otherwise new problems wait for review",
        )
        parser.add_argument("--dry-run", action="store_true", help="only list what would change")
        parser.add_argument(
            "--atomic", action="store_true", help="write nothing at all when any file is refused"
        )
        parser.add_argument(
            "--keep-newer",
            action="store_true",
            help="leave problems alone, instead of refusing, that the bank has newer or edited",
        )

    def handle(self, *args: Any, path: Path, **options: Any) -> None:
        if not path.exists():
            raise CommandError(f"{path}: there is no such file or folder.")
        rules = ImportRules(approve=options["approve"], keep_newer=options["keep_newer"])
        results = import_problems(
            path,
            rules=rules,
            dry_run=options["dry_run"],
            atomic=options["atomic"],
            progress=lambda done, total: self.stderr.write(f"{done} of {total} files"),
        )
        self._report(results, dry_run=options["dry_run"])
        refused = sum(result.action == Action.REFUSED for result in results)
        if refused:
            is_left_out = options["atomic"] or options["dry_run"] or refused == len(results)
            rest = "Nothing was imported" if is_left_out else "The rest was taken"
            raise CommandError(f"{refused} of {len(results)} files were refused. {rest}.")

    def _report(self, results: Iterable[Result], *, dry_run: bool) -> None:
        for result in results:
            path = _shown(result.path)
            for note in result.notes:
                self.stderr.write(f"{path}: {note}")
            if result.action == Action.REFUSED:
                self.stderr.write(f"{path}:{result.line}: {result.reason}")
            elif result.action not in _SILENT:
                self.stdout.write(f"{result.action:<9} {path}")
        counts = Counter(result.action for result in results)
        summary = ", ".join(f"{counts[action]} {action}" for action in Action if counts[action])
        ending = " (dry run: nothing was written)" if dry_run else ""
        self.stdout.write(f"{summary or 'no files'}{ending}.")


def _shown(path: Path) -> str:
    """The path, with what is no text in it spelled out: a terminal refuses that."""
    return str(path).encode(errors="backslashreplace").decode()
