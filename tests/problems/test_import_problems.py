import os
import re
from io import StringIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.problems.models import Problem, ProblemSuggestion, ProblemTag, RankedProblem
from apps.problems.services import (
    archive_problem,
    change_problem,
    create_problem,
    reject_problem,
)
from apps.problems.services import importing as importing_service
from apps.tags.models import Tag, TagSuggestion
from apps.tags.services import (
    approve_suggestion,
    create_tag,
    merge_suggestion,
    reject_suggestion,
)
from tests.problems.lists import assert_lists_hold

pytestmark = pytest.mark.django_db
PENNY = UUID("693dfe1b-a0e8-416a-be41-dbe4ea9e68c3")


@pytest.fixture(autouse=True)
def tree() -> None:
    create_tag(name="Python", tag_type="language", aliases=["py"])
    create_tag(name="Numbers", tag_type="topic")


def text(
    uuid: UUID = PENNY,
    *,
    version: int = 1,
    title: str = "The penny",
    tags: tuple[str, ...] = ("Python", "Numbers"),
    solution: str = "Because.",
    statement: str = "Why?",
) -> str:
    listed = "".join(f"- {tag}\n" for tag in tags)
    return (
        f"---\nformat: 1\nuuid: {uuid}\nversion: {version}\ntitle: {title}\ndifficulty: easy\n"
        f"minutes: 10\ntags:\n{listed}licence: CC BY 4.0\nhints:\n- |\n  Look.\n"
        f"solution: |\n  {solution}\n---\n\n{statement}\n"
    )


class Run:
    """One run of the command: what it said, and whether it failed."""

    def __init__(self, path: Path, *options: str) -> None:
        out, err = StringIO(), StringIO()
        self.failure = ""
        try:
            call_command("import_problems", str(path), *options, stdout=out, stderr=err)
        except CommandError as error:
            self.failure = str(error)
        self.out = out.getvalue().splitlines()
        self.err = [line for line in err.getvalue().splitlines() if " files" not in line]
        self.progress = [line for line in err.getvalue().splitlines() if " files" in line]


def everything() -> dict[str, list[dict]]:
    """All rows that an import may touch."""
    models = (Problem, ProblemTag, ProblemSuggestion, TagSuggestion, RankedProblem, Tag)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def test_a_new_problem_waits_for_review(tmp_path):
    (tmp_path / "penny.md").write_text(text())

    run = Run(tmp_path)

    assert (run.failure, run.err) == ("", [])
    assert run.out == [f"created   {tmp_path}/penny.md", "1 created."]
    problem = Problem.objects.get()
    assert (problem.uuid, problem.version, problem.status) == (PENNY, 1, "pending")
    assert (problem.slug, problem.title, problem.statement) == ("penny", "The penny", "Why?")
    assert (problem.hints, problem.solution, problem.license) == (
        ["Look."],
        "Because.",
        "CC BY 4.0",
    )
    assert (problem.difficulty, problem.estimated_minutes) == ("easy", 10)
    assert problem.problem_metadata == {"suggested_tags": [], "rejected_tags": []}
    links = problem.problem_tags.order_by("id")
    assert [link.tag.name for link in links] == ["Python", "Numbers"]
    assert not RankedProblem.objects.exists()


def test_with_approve_what_is_complete_is_approved(tmp_path):
    (tmp_path / "penny.md").write_text(text())

    Run(tmp_path, "--approve")

    problem = Problem.objects.get()
    assert (problem.status, problem.vetting_tier) == ("approved", "tier1_manual")
    assert problem.approved_at is not None
    assert_lists_hold()
    assert RankedProblem.objects.count() == 3 * 32


def test_one_file_may_be_named_itself(tmp_path):
    (tmp_path / "penny.md").write_text(text())
    (tmp_path / "other.md").write_text("nothing")

    run = Run(tmp_path / "penny.md")

    assert run.out == [f"created   {tmp_path}/penny.md", "1 created."]


def test_folders_are_read_to_the_bottom_and_other_files_left_alone(tmp_path):
    (tmp_path / "deep" / "deeper").mkdir(parents=True)
    (tmp_path / "deep" / "deeper" / "penny.md").write_text(text())
    (tmp_path / "notes.txt").write_text("nothing")

    assert Run(tmp_path).out[-1] == "1 created."


def test_the_same_again_changes_nothing(tmp_path):
    (tmp_path / "penny.md").write_text(text(tags=("Python", "Bun")))
    Run(tmp_path, "--approve")
    before = everything()

    run = Run(tmp_path, "--approve")

    assert (run.out, run.err, run.failure) == (["1 unchanged."], [], "")
    assert everything() == before


@pytest.mark.parametrize("option", [(), ("--approve",), ("--atomic",), ("--keep-newer",)])
def test_a_dry_run_lists_and_writes_nothing(tmp_path, option):
    (tmp_path / "new.md").write_text(text(uuid4(), tags=("Bun",)))
    (tmp_path / "penny.md").write_text(text())
    Run(tmp_path / "penny.md")
    (tmp_path / "penny.md").write_text(text(version=2, title="The other penny"))
    before = everything()

    run = Run(tmp_path, "--dry-run", *option)

    assert run.out == [
        f"created   {tmp_path}/new.md",
        f"updated   {tmp_path}/penny.md",
        "1 created, 1 updated (dry run: nothing was written).",
    ]
    assert everything() == before


def test_a_newer_version_replaces_what_is_there(tmp_path):
    path = tmp_path / "penny.md"
    path.write_text(text(tags=("Python", "Bun")))
    Run(path, "--approve")
    path.write_text(
        text(version=4, title="Another", tags=("Numbers", "Deno"), solution="So.", statement="Now?")
    )

    run = Run(path)

    assert run.out == [f"updated   {path}", "1 updated."]
    problem = Problem.objects.get()
    assert (problem.version, problem.title, problem.slug) == (4, "Another", "penny")
    assert (problem.solution, problem.statement, problem.status) == ("So.", "Now?", "approved")
    assert [tag.name for tag in problem.tags.all()] == ["Numbers"]
    assert problem.problem_metadata["suggested_tags"] == ["Deno"]
    assert ProblemSuggestion.objects.get().suggestion.name == "Deno"
    assert_lists_hold()


def test_a_newer_version_with_the_same_content_raises_the_version(tmp_path):
    path = tmp_path / "penny.md"
    path.write_text(text())
    Run(path)
    path.write_text(text(version=2))

    assert Run(path).out[-1] == "1 updated."
    assert Problem.objects.get().version == 2


def test_an_older_file_with_the_same_content_is_no_change(tmp_path):
    path = tmp_path / "penny.md"
    path.write_text(text(version=3))
    Run(path)
    path.write_text(text(version=2))

    assert Run(path).out == ["1 unchanged."]
    assert Problem.objects.get().version == 3


@pytest.mark.parametrize("version", [1, 2, 3])
def test_other_content_without_a_newer_version_is_refused(tmp_path, version):
    path = tmp_path / "penny.md"
    path.write_text(text(version=3))
    Run(path)
    before = everything()
    path.write_text(text(version=version, title="Another"))

    run = Run(path)

    assert run.err == [
        f"{path}:4: the bank has version 3 with other content; raise the version above 3 to"
        " replace it"
    ]
    assert run.failure == "1 of 1 files were refused. Nothing was imported."
    assert everything() == before


def test_what_a_curator_edited_is_kept_when_asked_to(tmp_path):
    path = tmp_path / "penny.md"
    path.write_text(text())
    Run(path, "--approve")
    change_problem(problem_id=Problem.objects.get().pk, title="Better", tags=["Numbers"])
    before = everything()

    run = Run(path, "--approve", "--keep-newer")

    assert (run.out, run.failure) == ([f"kept      {path}", "1 kept."], "")
    assert everything() == before


@pytest.mark.parametrize(
    "decide",
    [
        lambda s: approve_suggestion(suggestion_id=s, by=None, tag_type="tool"),
        lambda s: approve_suggestion(suggestion_id=s, by=None, tag_type="tool", name="Bun!"),
        lambda s: merge_suggestion(
            suggestion_id=s, into_id=Tag.objects.get(name="Numbers").pk, by=None
        ),
        lambda s: reject_suggestion(suggestion_id=s, by=None, note="No."),
    ],
)
def test_a_decision_on_a_tag_does_not_make_the_file_differ(tmp_path, decide):
    path = tmp_path / "penny.md"
    path.write_text(text(tags=("Python", "Bun")))
    Run(path)
    decide(TagSuggestion.objects.get().pk)

    assert Run(path).out == ["1 unchanged."]


def test_aliases_attach_and_unknown_names_become_suggestions(tmp_path):
    (tmp_path / "penny.md").write_text(text(tags=("PY", "python", "Bun")))

    Run(tmp_path)

    problem = Problem.objects.get()
    assert [tag.name for tag in problem.tags.all()] == ["Python"]
    assert problem.problem_metadata["suggested_tags"] == ["Bun"]
    suggestion = TagSuggestion.objects.get()
    assert (suggestion.name, suggestion.source, suggestion.status) == ("Bun", "import", "pending")


@pytest.mark.parametrize(
    ("fields", "note"),
    [
        ({"tags": ("Bun",)}, "waits for review: it has no approved tag"),
        ({"solution": ""}, "waits for review: it has no solution"),
        (
            {"solution": "", "tags": ("Bun",)},
            "waits for review: it has no solution and no approved tag",
        ),
    ],
)
def test_what_is_incomplete_waits_in_spite_of_approve(tmp_path, fields, note):
    path = tmp_path / "penny.md"
    path.write_text(text(**fields))

    run = Run(path, "--approve")

    assert (run.err, run.failure) == ([f"{path}: {note}"], "")
    assert Problem.objects.get().status == "pending"


def test_what_has_the_title_of_an_approved_problem_waits_in_spite_of_approve(tmp_path):
    (tmp_path / "penny.md").write_text(text())
    Run(tmp_path, "--approve")
    other = tmp_path / "other.md"
    other.write_text(text(uuid4(), title="THE PENNY"))

    run = Run(other, "--approve")

    assert run.err == [f"{other}: waits for review: “penny” has the same title"]
    assert Problem.objects.get(slug="other").status == "pending"


def test_of_two_new_ones_with_one_title_the_second_waits(tmp_path):
    (tmp_path / "a.md").write_text(text())
    (tmp_path / "b.md").write_text(text(uuid4(), title="The Penny"))

    run = Run(tmp_path, "--approve")

    assert run.err == [f"{tmp_path}/b.md: waits for review: “a” has the same title"]
    assert dict(Problem.objects.values_list("slug", "status")) == {"a": "approved", "b": "pending"}


def test_names_that_are_no_text_are_shown_all_the_same(tmp_path):
    (tmp_path / os.fsdecode(b"caf\xe9.md")).write_text(text())

    assert Run(tmp_path).out == [f"created   {tmp_path}/caf\\udce9.md", "1 created."]


def test_what_waits_is_approved_by_a_later_run(tmp_path):
    path = tmp_path / "penny.md"
    path.write_text(text(tags=("Bun",)))
    Run(path, "--approve")
    approve_suggestion(suggestion_id=TagSuggestion.objects.get().pk, by=None, tag_type="tool")

    run = Run(path, "--approve")

    assert run.out == [f"approved  {path}", "1 approved."]
    assert Problem.objects.get().status == "approved"
    assert_lists_hold()


@pytest.mark.parametrize("status", ["rejected", "archived"])
def test_what_curators_turned_down_stays_down(tmp_path, status):
    path = tmp_path / "penny.md"
    path.write_text(text())
    if status == "archived":
        Run(path, "--approve")
        archive_problem(problem_id=Problem.objects.get().pk)
    else:
        Run(path)
        reject_problem(problem_id=Problem.objects.get().pk, by=None, note="No.")
    path.write_text(text(version=2, title="Another"))

    Run(path, "--approve")

    problem = Problem.objects.get()
    assert (problem.status, problem.title) == (status, "Another")
    assert_lists_hold()


@pytest.mark.parametrize(
    ("fields", "missing"), [({"solution": ""}, "solution"), ({"tags": ("Bun",)}, "approved tag")]
)
def test_an_approved_problem_is_not_made_incomplete(tmp_path, fields, missing):
    path = tmp_path / "penny.md"
    path.write_text(text())
    Run(path, "--approve")
    before = everything()
    path.write_text(text(version=2, **fields))

    run = Run(path)

    assert run.err == [
        f"{path}:3: the approved problem in the bank would be left without {missing}"
    ]
    assert everything() == before


def test_bad_files_are_named_and_the_rest_is_taken(tmp_path):
    (tmp_path / "a.md").write_text(text())
    (tmp_path / "b.md").write_text(text(uuid4()).replace("minutes: 10", "minutes: ten"))
    (tmp_path / "c.md").write_text("no front matter")
    (tmp_path / "d.md").write_text(text(uuid4(), title="Another"))

    run = Run(tmp_path)

    assert run.out == [
        f"created   {tmp_path}/a.md",
        f"created   {tmp_path}/d.md",
        "2 created, 2 refused.",
    ]
    assert run.err == [
        f"{tmp_path}/b.md:7: must be a whole number",
        f"{tmp_path}/c.md:1: a file starts with a line ---, its front matter and another line ---",
    ]
    assert run.failure == "2 of 4 files were refused. The rest was taken."
    assert set(Problem.objects.values_list("slug", flat=True)) == {"a", "d"}


@pytest.mark.parametrize("bad", ["bad file", "stale version"])
def test_with_atomic_nothing_is_taken_when_any_is_refused(tmp_path, bad, monkeypatch):
    monkeypatch.setattr(importing_service, "BATCH_SIZE", 1)
    (tmp_path / "b.md").write_text(text())
    Run(tmp_path)
    before = everything()
    (tmp_path / "a.md").write_text(text(uuid4(), title="New", tags=("Bun",)))
    (tmp_path / "c.md").write_text(text(uuid4(), title="Newer"))
    other = "no front matter" if bad == "bad file" else text(title="Another")
    (tmp_path / "b.md").write_text(other)

    run = Run(tmp_path, "--atomic")

    assert run.failure == "1 of 3 files were refused. Nothing was imported."
    assert everything() == before


def test_with_atomic_all_good_files_are_taken(tmp_path):
    (tmp_path / "a.md").write_text(text())
    (tmp_path / "b.md").write_text(text(uuid4(), title="Another"))

    assert Run(tmp_path, "--atomic").failure == ""
    assert Problem.objects.count() == 2


def test_two_files_with_one_uuid_are_told_apart(tmp_path, monkeypatch):
    monkeypatch.setattr(importing_service, "BATCH_SIZE", 1)
    (tmp_path / "a.md").write_text(text())
    (tmp_path / "b.md").write_text(text(version=2, title="Another"))

    run = Run(tmp_path)

    assert run.err == [f"{tmp_path}/b.md:3: {tmp_path}/a.md has the same UUID"]
    assert Problem.objects.get().title == "The penny"


def test_links_out_of_the_folder_are_refused(tmp_path):
    secret = tmp_path / "secret.md"
    secret.write_text(text())
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link.md").symlink_to(secret)
    (folder / "below").symlink_to(tmp_path)
    (folder / "gone.md").symlink_to(tmp_path / "nowhere.md")

    run = Run(folder)

    assert run.err == [
        f"{folder}/gone.md:1: No such file or directory",
        f"{folder}/link.md:1: this is a link that leads out of the folder",
    ]
    assert not Problem.objects.exists()


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path):
    os.mkfifo(tmp_path / "pipe.md")

    assert Run(tmp_path).err == [f"{tmp_path}/pipe.md:1: this is not a regular file"]


def test_a_huge_file_is_refused_without_reading_it_all(tmp_path):
    with (tmp_path / "huge.md").open("wb") as file:
        file.truncate(10 * 1024**3)

    assert Run(tmp_path).err == [f"{tmp_path}/huge.md:1: the file is larger than 64 KiB"]


def test_a_path_that_is_not_there_is_refused(tmp_path):
    assert Run(tmp_path / "no").failure == f"{tmp_path}/no: there is no such file or folder."


def test_an_empty_folder_is_no_fault(tmp_path):
    run = Run(tmp_path)

    assert (run.out, run.failure) == (["no files."], "")


def test_wide_code_is_a_warning(tmp_path):
    path = tmp_path / "penny.md"
    path.write_text(text(statement="```text\n" + "x" * 80 + "\n```"))

    run = Run(path)

    assert run.err == [f"{path}: statement, line 2: code wider than 72 characters"]
    assert Problem.objects.count() == 1


def test_approving_warns_of_a_mail_that_would_be_cut(tmp_path):
    path = tmp_path / "penny.md"
    path.write_text(text(statement="A word of this and that.\n\n" * 1_600))

    run = Run(path, "--approve")

    assert run.err == [
        f"{path}: The challenge is too long for one mail: it ends with a link to the rest."
    ]
    assert Problem.objects.get().status == "approved"


@pytest.mark.parametrize(
    ("stem", "title", "slug"),
    [
        ("my-penny", "The penny", "my-penny"),
        ("My Penny", "The penny", "the-penny"),
        ("404", "The penny", "the-penny"),
        ("new", "The penny", "the-penny"),
        ("x" * 101, "The penny", "the-penny"),
        ("404", "'404'", "problem-404"),
    ],
)
def test_the_slug_is_the_name_of_the_file_where_it_can_be(tmp_path, stem, title, slug):
    (tmp_path / f"{stem}.md").write_text(text(title=title))

    Run(tmp_path)

    assert Problem.objects.get().slug == slug


def test_a_title_that_ascii_cannot_spell_gets_its_id_as_slug(tmp_path):
    (tmp_path / "日本語.md").write_text(text(title="日本語"))

    Run(tmp_path)

    problem = Problem.objects.get()
    assert problem.slug == f"problem-{problem.pk}"


def test_taken_slugs_get_numbers(tmp_path):
    create_problem(title="The penny", statement="S")
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "the-penny.md").write_text(text(uuid4(), title=f"Penny {name}"))

    Run(tmp_path)

    assert set(Problem.objects.values_list("slug", flat=True)) == {
        "the-penny",
        "the-penny-2",
        "the-penny-3",
    }


def test_progress_is_counted_on_the_error_stream(tmp_path, monkeypatch):
    monkeypatch.setattr(importing_service, "BATCH_SIZE", 2)
    for number in range(5):
        (tmp_path / f"p-{number}.md").write_text(text(uuid4(), title=f"P {number}"))

    assert Run(tmp_path).progress == ["2 of 5 files", "4 of 5 files", "5 of 5 files"]


def statements_for(folder: Path, *options: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        Run(folder, *options)
    return len(captured)


def test_the_number_of_statements_does_not_grow_with_the_batch(tmp_path):
    counts = []
    for size in (1, 3, 30):
        folder = tmp_path / str(size)
        folder.mkdir()
        for number in range(size):
            (folder / f"p{size}-{number}.md").write_text(
                text(uuid4(), title=f"P {size} {number}", tags=("Python", f"New {size} {number}"))
            )
        created = statements_for(folder, "--approve")
        for path in folder.iterdir():
            newer = re.sub("version: 1", "version: 2", path.read_text()).replace("Why?", "How?")
            path.write_text(newer.replace("- Python", "- Numbers"))
        counts.append((created, statements_for(folder), statements_for(folder)))

    assert len(set(counts)) == 1
    assert max(counts[0]) < 45
