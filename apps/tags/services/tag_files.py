"""Reading tag files into the tree: one, or all of a folder, each all or nothing."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from django.db import transaction

from apps.core.files import files_below, read_at_most
from apps.core.strict_yaml import YamlError
from apps.tags.services.importing import ImportedTags, import_tags
from apps.tags.tag_file import FILE_SIZE_AT_MOST, TagEntry, parse


@dataclass(frozen=True, slots=True)
class TagImportRules:
    """Switches of an import."""

    dry_run: bool = False
    atomic: bool = False
    new_only: bool = False


def import_tag_files(
    path: Path,
    *,
    rules: TagImportRules,
    progress: Callable[[int], None] = lambda done: None,
) -> dict[Path, ImportedTags]:
    """Take one file, or all *.yaml below a folder; what became of each, in order of their paths.

    A file that is refused keeps no other out, unless `atomic`: then nothing at all is written.
    `progress` is told after each tag how many there have been.
    """
    root, paths = (
        (path, list(files_below(path, ".yaml"))) if path.is_dir() else (path.parent, [path])
    )
    counted = _counting(progress)
    with transaction.atomic() if rules.dry_run or rules.atomic else nullcontext():
        reports = {file: _import_file(file, root, rules, counted) for file in paths}
        is_refused = any(report.refusals for report in reports.values())
        if rules.dry_run or (rules.atomic and is_refused):
            transaction.set_rollback(True)
    return reports


def _counting(progress: Callable[[int], None]) -> Callable[[], None]:
    numbers = count(1)
    return lambda: progress(next(numbers))


def _import_file(
    file: Path, root: Path, rules: TagImportRules, counted: Callable[[], None]
) -> ImportedTags:
    try:
        entries = _read(file, root)
    except YamlError as error:
        return ImportedTags(refusals=[(error.line, error.reason)])
    return import_tags(entries, new_only=rules.new_only, counted=counted)


def _read(file: Path, root: Path) -> list[TagEntry]:
    try:
        data = read_at_most(file, FILE_SIZE_AT_MOST, inside=root)
    except OSError as error:
        raise YamlError(1, error.strerror or str(error)) from error
    return parse(data)
