import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.tags.management.commands import import_tags as command
from apps.tags.models import Tag, TagName, TagType
from apps.tags.selectors import tree_faults
from apps.tags.services import change_tag, create_tag, move_tag
from apps.tags.tag_file import TagEntry, parse, render
from tests.tags.outlines import outline

ONE_FAULT = "1 of 1 files were refused. Nothing was imported."
SMALL = """\
format: 1
tags:
- name: Languages
  type: topic
  featured: true
  children:
  - name: C#
    type: language
    aliases: [csharp]
    description: Of the .NET platform.
  - name: '404'
    type: concept
- name: Tools
  type: topic
"""


def run(path: Path, *options: str) -> list[str]:
    out = StringIO()
    call_command("import_tags", str(path), *options, stdout=out)
    return out.getvalue().splitlines()


def refused(path: Path, *options: str) -> tuple[str, list[str]]:
    """The last word of the command, and what it said line by line."""
    err = StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command("import_tags", str(path), *options, stdout=StringIO(), stderr=err)
    return str(refusal.value), err.getvalue().splitlines()


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "tags.yaml"
    path.write_text(SMALL)
    return path


@pytest.mark.django_db
def test_a_file_becomes_a_tree(small):
    assert run(small) == [
        "added Languages",
        "added C# under Languages",
        "added 404 under Languages",
        "added Tools",
        "4 tags added or changed, 0 unchanged.",
    ]

    assert outline() == {"Languages": {"C#": {}, "404": {}}, "Tools": {}}
    csharp = Tag.objects.get(name="C#")
    assert (csharp.slug, csharp.tag_type, csharp.description) == (
        "c-sharp",
        "language",
        "Of the .NET platform.",
    )
    assert Tag.objects.get(name="Languages").is_featured is True
    assert sorted(csharp.names.values_list("name", "kind")) == [
        ("C#", "primary"),
        ("csharp", "alias"),
    ]
    assert tree_faults() == []


@pytest.mark.django_db
def test_the_same_file_again_changes_nothing(small):
    run(small)
    before = (list(Tag.objects.values()), list(TagName.objects.values()))

    assert run(small) == ["0 tags added or changed, 4 unchanged."]

    assert (list(Tag.objects.values()), list(TagName.objects.values())) == before


@pytest.mark.django_db
def test_a_dry_run_says_what_would_change_and_changes_nothing(small):
    assert run(small, "--dry-run") == [
        "would have added Languages",
        "would have added C# under Languages",
        "would have added 404 under Languages",
        "would have added Tools",
        "4 tags added or changed, 0 unchanged (dry run: nothing was written).",
    ]

    assert not Tag.objects.exists()
    assert not TagName.objects.exists()


@pytest.mark.django_db
def test_a_file_changes_known_tags_and_takes_no_alias_away(small):
    tools = create_tag(name="tools", tag_type="tool")
    create_tag(name="C#", tag_type="topic", parent_id=tools.pk, aliases=["C sharp"])
    create_tag(name="Extra", tag_type="topic")

    assert run(small) == [
        "added Languages",
        "changed C#: tag_type, description, aliases, moved under Languages",
        "added 404 under Languages",
        "changed tools: name, tag_type",
        "4 tags added or changed, 0 unchanged.",
    ]

    assert outline() == {"Tools": {}, "Extra": {}, "Languages": {"C#": {}, "404": {}}}
    csharp = Tag.objects.get(name="C#")
    aliases = csharp.names.filter(kind="alias").order_by("id")
    assert list(aliases.values_list("name", flat=True)) == ["C sharp", "csharp"]
    assert tree_faults() == []


@pytest.mark.django_db
def test_a_tag_is_known_by_an_alias_and_keeps_its_name(small):
    create_tag(name="Visual C#", tag_type="language", aliases=["C#"])

    run(small)

    assert outline() == {"Languages": {"Visual C#": {}, "404": {}}, "Tools": {}}


@pytest.mark.django_db
def test_with_new_only_what_curators_changed_stays(small):
    run(small)
    csharp = Tag.objects.get(name="C#")
    change_tag(tag_id=csharp.pk, description="Ours.", aliases=[])
    move_tag(tag_id=csharp.pk, parent_id=Tag.objects.get(name="Tools").pk)
    small.write_text(SMALL + "- name: Levels\n  type: skill_level\n")

    assert run(small, "--new-only") == ["added Levels", "1 tags added or changed, 4 unchanged."]

    csharp.refresh_from_db()
    assert (csharp.description, csharp.parent.name) == ("Ours.", "Tools")
    assert outline() == {"Languages": {"404": {}}, "Tools": {"C#": {}}, "Levels": {}}


@pytest.mark.django_db
def test_an_export_is_what_was_imported_in_a_file_or_in_a_folder(small, tmp_path):
    run(small)
    exported, folder = tmp_path / "out.yaml", tmp_path / "out"
    folder.mkdir()
    out = StringIO()

    for path in (exported, exported, folder):
        call_command("export_tags", str(path), stdout=out)

    assert exported.read_text() == (folder / "tags.yaml").read_text() == SMALL
    assert out.getvalue().splitlines() == [
        f"Wrote {exported}.",
        f"{exported} is up to date.",
        f"Wrote {folder}/tags.yaml.",
    ]


@pytest.mark.django_db
def test_a_slug_that_the_name_does_not_give_travels_along(tmp_path):
    path = tmp_path / "tags.yaml"
    create_tag(name="Go", tag_type="language", slug="golang")
    call_command("export_tags", str(path), stdout=StringIO())

    assert path.read_text() == ("format: 1\ntags:\n- name: Go\n  type: language\n  slug: golang\n")
    assert parse(path.read_bytes())[0].slug == "golang"


@pytest.mark.django_db
def test_an_empty_tree_makes_the_round_trip(tmp_path):
    path = tmp_path / "tags.yaml"

    call_command("export_tags", str(path), stdout=StringIO())

    assert path.read_text() == "format: 1\ntags: []\n"
    assert run(path) == ["0 tags added or changed, 0 unchanged."]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "1: the file is empty"),
        ("format: 1\n", "1: the key “tags” is missing"),
        ("format: 2\ntags: []\n", "1: this program reads format 1 only"),
        ("format: 1\ntags: {}\n", "2: must be a list"),
        ("format: 1\ntags:\n- Go\n", "3: must be a mapping of keys to values"),
        ("format: 1\ntags:\n- name: Go\n", "3: the key “type” is missing"),
        ("format: 1\ntags:\n- name: 404\n  type: topic\n", "3: must be text: put 404 in quotes"),
        ("format: 1\ntags:\n- name: no\n  type: topic\n", "3: must be text: put no in quotes"),
        (
            "format: 1\ntags:\n- name: Go\n  type: topic\n  colour: red\n",
            "5: unknown key “colour”",
        ),
        ("format: 1\ntags:\n- name: Go\n  name: Go\n", "4: the key “name” comes twice"),
        (
            "format: 1\ntags:\n- name: Go\n  type: topic\n  featured: 1\n",
            "5: must be true or false",
        ),
        ("format: 1\ntags: &a\n- *a\n", "2: anchors and aliases are not allowed"),
        ("format: 1\ntags: !!set {}\n", "2: tags such as !!str are not allowed"),
        ("format: 1\ntags: []\n---\nformat: 1\n", "3: a second document begins here"),
        ("format: 1\ntags: " + "[" * 5000, "2: nested more than 16 deep"),
        ("format: 1\ntags: [\n", "3: did not find expected node content"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(tmp_path, text, reason):
    path = tmp_path / "tags.yaml"
    path.write_text(text)

    assert refused(path) == (ONE_FAULT, [f"{path}:{reason}"])
    assert not Tag.objects.exists()


@pytest.mark.django_db
def test_bytes_that_are_not_utf8_and_files_that_are_too_large_are_refused(tmp_path):
    path = tmp_path / "tags.yaml"
    path.write_bytes(b"format: 1\ntags:\n- name: \xff\n")
    assert refused(path) == (ONE_FAULT, [f"{path}:3: this is not UTF-8"])

    path.write_bytes(b"#" * (1024 * 1024 + 1))
    assert refused(path) == (ONE_FAULT, [f"{path}:1: the file is larger than 1024 KiB"])


@pytest.mark.django_db
def test_a_path_that_is_not_there_is_refused(tmp_path):
    path = tmp_path / "no.yaml"

    assert refused(path)[0] == f"{path}: there is no such file or folder."


@pytest.mark.django_db
def test_a_pipe_and_a_link_out_of_the_folder_are_refused(small, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link.yaml").symlink_to(small)
    os.mkfifo(folder / "pipe.yaml")

    assert refused(folder) == (
        "2 of 2 files were refused. Nothing was imported.",
        [
            f"{folder}/link.yaml:1: this is a link that leads out of the folder",
            f"{folder}/pipe.yaml:1: this is not a regular file",
        ],
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "rest", "tree"),
    [
        ((), "The rest was taken.", {"Languages": {"C#": {}, "404": {}}, "Tools": {"make": {}}}),
        (("--atomic",), "Nothing was imported.", {}),
        (("--dry-run",), "Nothing was imported.", {}),
    ],
)
def test_of_a_folder_a_bad_file_is_refused_and_the_rest_taken_or_nothing(
    small, tmp_path, options, rest, tree
):
    (tmp_path / "a.yaml").write_text("format: 1\ntags:\n- name: Go\n  type: vegetable\n")
    (tmp_path / "z.yaml").write_text(
        "format: 1\ntags:\n- name: Tools\n  type: topic\n"
        "  children:\n  - name: make\n    type: tool\n"
    )

    last, said = refused(tmp_path, *options)

    assert last == f"1 of 3 files were refused. {rest}"
    assert said == [f"{tmp_path}/a.yaml:3: The type must be one of {', '.join(TagType.values)}."]
    assert outline() == tree


@pytest.mark.django_db
def test_the_same_again_costs_the_same_few_statements_however_many_tags_there_are(tmp_path):
    counts = set()
    for size in (3, 30):
        path = tmp_path / f"{size}.yaml"
        path.write_text(
            "format: 1\ntags:\n"
            + "".join(
                f"- name: Tag {size} {number}\n  type: topic\n  aliases: [{size} to {number}]\n"
                for number in range(size)
            )
        )
        run(path)
        with CaptureQueriesContext(connection) as captured:
            assert run(path) == [f"0 tags added or changed, {size} unchanged."]
        counts.add(len(captured))

    assert len(counts) == 1
    assert counts.pop() < 8


@pytest.mark.django_db
def test_progress_is_counted_on_the_error_stream(small, monkeypatch):
    monkeypatch.setattr(command, "PROGRESS_EVERY", 2)
    err = StringIO()

    call_command("import_tags", str(small), stdout=StringIO(), stderr=err)

    assert err.getvalue().splitlines() == ["2 tags", "4 tags"]


@pytest.mark.django_db
def test_everything_that_is_wrong_is_named_and_nothing_is_taken(tmp_path):
    create_tag(name="Rust", tag_type="language", aliases=["rustlang"])
    path = tmp_path / "tags.yaml"
    path.write_text(
        "format: 1\ntags:\n"
        "- name: Go\n  type: language\n"
        "- name: GO\n  type: language\n"
        "- name: Oxide\n  type: language\n  aliases: [rustlang]\n"
        "- name: Bean\n  type: vegetable\n"
        '- name: "a\\u202Eb"\n  type: topic\n'
    )

    assert refused(path) == (
        "1 of 1 files were refused. Nothing was imported.",
        [
            f"{path}:5: “go” names “Go” in line 3 already",
            f"{path}:7: “rustlang” already names the tag “Rust”.",
            f"{path}:10: The type must be one of {', '.join(TagType.values)}.",
            f"{path}:12: The name holds an invisible or control character, U+202E.",
        ],
    )
    assert outline() == {"Rust": {}}


@pytest.mark.django_db
def test_a_seventh_level_is_refused(tmp_path):
    path = tmp_path / "tags.yaml"
    lines = ["format: 1", "tags:"]
    for level in range(7):
        indent = "  " * level
        lines += [f"{indent}- name: Level {level}", f"{indent}  type: topic"]
        lines += [f"{indent}  children:"] if level < 6 else []
    path.write_text("\n".join(lines) + "\n")

    assert refused(path) == (
        ONE_FAULT,
        [f"{path}:21: The tree is at most 6 deep; this would be deeper."],
    )
    assert not Tag.objects.exists()


names = st.text(
    st.characters(exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"]), min_size=1
).filter(lambda text: text == text.strip())
entries = st.recursive(
    st.builds(
        TagEntry,
        line=st.just(0),
        name=names,
        tag_type=st.sampled_from(TagType.values),
        slug=st.sampled_from(["", "golang"]),
        aliases=st.lists(names, max_size=3).map(tuple),
        description=st.one_of(st.just(""), names),
        is_featured=st.booleans(),
    ),
    lambda below: st.builds(
        TagEntry,
        line=st.just(0),
        name=names,
        tag_type=st.sampled_from(TagType.values),
        children=st.lists(below, max_size=3).map(tuple),
    ),
    max_leaves=6,
)


def without_lines(entry: TagEntry) -> TagEntry:
    children = tuple(without_lines(child) for child in entry.children)
    return TagEntry(
        0,
        entry.name,
        entry.tag_type,
        entry.slug,
        entry.aliases,
        entry.description,
        entry.is_featured,
        children,
    )


@given(st.lists(entries, max_size=4))
@settings(max_examples=100, deadline=None)
def test_whatever_the_writer_writes_the_reader_reads(forest):
    written = render(forest)

    read = [without_lines(entry) for entry in parse(written)]

    assert read == forest
    assert render(read) == written
