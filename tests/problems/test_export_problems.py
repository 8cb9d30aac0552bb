from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.problems.exporting import export_problems
from apps.problems.models import Problem
from apps.problems.services import create_problem
from apps.tags.services import create_tag
from tests.factories import ProblemFactory

pytestmark = pytest.mark.django_db


def run(path: Path, *options: str) -> list[str]:
    out = StringIO()
    call_command("export_problems", str(path), *options, stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def problem() -> Problem:
    create_tag(name="Python", tag_type="language")
    return create_problem(
        title="It: the penny",
        statement="Why?",
        hints=["Look.", "  code"],
        solution="So.\n\nAnd so.",
        source_title="A thread",
        source_url="https://example.org/",
        tags=["Bun", "python", "404"],
    )


def test_a_problem_becomes_a_file_named_by_its_slug(problem, tmp_path):
    assert run(tmp_path / "new") == [
        f"wrote {tmp_path}/new/it-the-penny.md",
        "1 files written, 0 up to date.",
    ]

    assert (tmp_path / "new" / "it-the-penny.md").read_text() == (
        f"---\nformat: 1\nuuid: {problem.uuid}\nversion: 1\ntitle: 'It: the penny'\n"
        "tags:\n- Python\n- Bun\n- '404'\n"
        "source:\n  title: A thread\n  url: https://example.org/\n"
        "hints:\n- |\n  Look.\n- |2\n    code\n"
        "solution: |\n  So.\n\n  And so.\n---\n\nWhy?\n"
    )


def test_what_is_exported_is_what_an_import_takes_for_the_same(problem, tmp_path):
    run(tmp_path)
    out = StringIO()

    call_command("import_problems", str(tmp_path), stdout=out, stderr=StringIO())

    assert out.getvalue() == "1 unchanged.\n"


def test_files_that_are_the_same_are_left_alone(problem, tmp_path):
    run(tmp_path)
    path = tmp_path / "it-the-penny.md"
    before = path.stat()

    assert run(tmp_path) == ["0 files written, 1 up to date."]

    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_only_the_status_that_was_asked_for(tmp_path):
    for status in ("draft", "pending", "rejected"):
        ProblemFactory(status=status, approved_at=None, slug=f"a-{status}")
    ProblemFactory(slug="a-approved")

    run(tmp_path, "--status", "approved", "--status", "draft")

    assert {path.name for path in tmp_path.iterdir()} == {"a-approved.md", "a-draft.md"}


def test_a_link_is_replaced_and_not_followed(problem, tmp_path):
    elsewhere = tmp_path / "elsewhere.md"
    elsewhere.write_text("precious")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "it-the-penny.md").symlink_to(elsewhere)

    run(folder)

    assert elsewhere.read_text() == "precious"
    assert not (folder / "it-the-penny.md").is_symlink()
    assert [path.name for path in folder.iterdir()] == ["it-the-penny.md"]


def test_a_folder_that_cannot_be_is_a_clear_sentence(problem, tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(CommandError, match="File exists"):
        run(tmp_path / "file")


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(tmp_path, count, django_assert_num_queries):
    for _ in range(count):
        create_problem(title="T", statement="S", tags=["Bun"])

    with django_assert_num_queries(4):
        list(export_problems(Problem.objects.all(), tmp_path))


def test_progress_is_counted(tmp_path, monkeypatch):
    monkeypatch.setattr("apps.problems.exporting._CHUNK", 2)
    for _ in range(5):
        ProblemFactory()
    err = StringIO()

    call_command("export_problems", str(tmp_path), stdout=StringIO(), stderr=err)

    assert err.getvalue() == "2 of 5\n4 of 5\n"
