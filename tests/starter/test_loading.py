"""An installation can take the whole bank as it is, a second time without a change, and give it
back byte for byte.
"""

from pathlib import Path

import pytest
from django.core.management import call_command

from apps.problems.models import Problem
from apps.tags.models import Tag
from tests.starter.bank import BANK, SLUGS, tags


@pytest.mark.django_db
def test_the_bank_loads_without_a_complaint_and_only_once(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    first = load(capsys)
    second = load(capsys)

    assert first == [
        f"{len(tags())} tags added or changed, 0 unchanged.",
        f"{len(SLUGS)} created.",
    ]
    assert second == [
        f"0 tags added or changed, {len(tags())} unchanged.",
        f"{len(SLUGS)} unchanged.",
    ]
    assert Problem.objects.approved().count() == len(SLUGS)
    assert set(Problem.objects.values_list("slug", flat=True)) == set(SLUGS)
    assert Tag.objects.filter(parent=None, is_featured=True, problem_count__lt=5).count() == 0
    call_command("export_tags", tmp_path / "tags.yaml")
    call_command("export_problems", tmp_path / "problems")
    assert contents(tmp_path) == contents(BANK)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def load(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The last lines of both commands; what they complain of counts as a line, too."""
    summaries = []
    for command, path, *options in (
        ("import_tags", BANK / "tags.yaml"),
        ("import_problems", BANK / "problems", "--approve", "--atomic"),
    ):
        call_command(command, path, *options)
        written = capsys.readouterr()
        complaints = [line for line in written.err.splitlines() if not line.endswith((" files", " tags"))]
        summaries += [*complaints, written.out.splitlines()[-1]]
    return summaries
