"""The tree as a CSV file in the admin: a look at what would happen, then the import."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from apps.tags.models import Tag
from apps.tags.selectors import tree_entries, tree_faults
from apps.tags.services import change_tag, create_tag
from tests.factories import UserFactory
from tests.staff import browser, curator_browser
from tests.tags.outlines import outline, plant

pytestmark = pytest.mark.django_db
LIST = reverse("admin:tags_tag_changelist")
EXPORT = reverse("admin:tags_tag_export")
IMPORT = reverse("admin:tags_tag_import")
DO_IMPORT = reverse("admin:tags_tag_process_import")


@pytest.fixture
def curator() -> Client:
    return curator_browser()


@pytest.fixture
def tags() -> dict[str, Tag]:
    tags = plant({"Languages": {"C++": {}, "Python": {}}, "=1+1|tree": {}})
    change_tag(
        tag_id=tags["C++"].pk, aliases=["+cpp", "@cpp", "cpp"], description="-O2", is_featured=True
    )
    return tags


def upload(client: Client, content: str | bytes):
    data = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile("tree.csv", data)
    return client.post(IMPORT, {"resource": "0", "format": "0", "import_file": file})


def confirm(client: Client, page):
    fields = re.findall(r'name="(\w+)" value="([^"]*)"', page.text)
    return client.post(DO_IMPORT, dict(fields), follow=True)


def state() -> list[tuple[object, ...]]:
    return list(Tag.objects.order_by("pk").values_list())


def test_the_whole_tree_is_exported_and_nothing_in_it_is_a_formula(curator, tags):
    answer = curator.get(EXPORT, {"q": "python"})

    assert answer.headers["Content-Type"] == "text/csv"
    assert answer.content.decode("utf-8-sig") == (
        "name,type,parent,slug,aliases,description,featured\r\n"
        "Languages,topic,,,,,\r\n"
        "C++,topic,Languages,,\"'+cpp\n@cpp\ncpp\",'-O2,yes\r\n"
        "Python,topic,Languages,,,,\r\n"
        "'=1+1|tree,topic,,,,,\r\n"
    )


def test_what_was_exported_is_no_news_and_builds_the_same_tree_anew(curator, tags):
    file, before = curator.get(EXPORT).content, tree_entries()

    looked = upload(curator, file)

    assert looked.context["result"].totals["skip"] == 4
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE tags_tag CASCADE")
    assert confirm(curator, upload(curator, file)).status_code == 200
    assert tree_entries() == before
    assert tree_faults() == []


def test_a_look_changes_nothing_and_the_import_what_was_seen(curator, tags):
    before = state()
    file = (
        "name,type,parent\nPython,language,\nasyncio,concept,PYTHON\nGo,Language,languages\n"
        "CPP,topic,Languages\n"
    )

    page = upload(curator, file)

    result = page.context["result"]
    assert state() == before
    assert [(row.import_type, row.diff[-1]) for row in result.rows] == [
        ("update", "tag_type, moved among the roots"),
        ("new", "under Python"),
        ("new", "under Languages"),
        ("skip", ""),
    ]
    done = confirm(curator, page)
    assert Tag.objects.get(name="C++").description == "-O2"
    assert "2 new, 1 updated, 0 deleted and 1 skipped" in done.text
    assert outline() == {
        "Languages": {"C++": {}, "Go": {}},
        "=1+1|tree": {},
        "Python": {"asyncio": {}},
    }
    assert tree_faults() == []
    assert Tag.history.filter(name="Go").get().history_user is not None


def test_refusals_are_told_by_row_and_nothing_is_imported(curator, tags):
    before = state()

    page = upload(
        curator,
        "name,type,parent,aliases\n"
        "Zig,language,Languages,\n"
        "Blub,nonsense,,\n"
        ",tool,,\n"
        "Bun,tool,Nowhere,\n"
        "Deno,tool,,python\n"
        "<b>,tool,,zig\n",
    )

    told = {row.number: row.error.messages[0] for row in page.context["result"].invalid_rows}
    assert list(told) == [3, 4, 5, 6, 7]
    assert told[3].startswith("The type must be one of language,")
    assert told[4] == "It has no name."
    assert told[5] == "There is no tag “Nowhere”."
    assert told[6] == "“python” already names the tag “Python”."
    assert told[7] == "“zig” names “Zig” in line 2 already"
    assert "confirm_form" not in page.context
    assert "<b>" not in page.text.partition("<main")[2]
    assert state() == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("name,kind\nGo,language\n", "The columns are name, type, parent,"),
        ("name\nGo\n", "The column “type” is missing."),
        ("", "The submitted file is empty."),
        ("name,type,parent\n", "No valid data to import."),
        (b"\xff\xfe\x00", "encountered while trying to read file"),
        ("name,type\n" + "x" * 1_100_000 + ",tool\n", "The file is larger than 1024 KiB."),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(curator, content, words):
    page = upload(curator, content)

    assert words in page.text
    assert not Tag.objects.exists()


def test_an_import_that_became_impossible_meanwhile_imports_nothing(curator):
    page = upload(curator, "name,type,parent,aliases\nGo,language,,\nZig,language,,Blub\n")
    create_tag(name="Blub", tag_type="topic")

    late = confirm(curator, page)

    assert "Row 3: “Blub” already names the tag “Blub”." in late.text
    assert [tag.name for tag in Tag.objects.all()] == ["Blub"]


def test_what_was_looked_at_cannot_be_altered(curator):
    page = upload(curator, "name,type,parent\nGo,language,\n")
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text))
    fields["import_file_name"] = fields["import_file_name"][:-4] + "AAAA"

    answer = curator.post(DO_IMPORT, fields, follow=True)

    assert "Choose the file again." in answer.text
    assert not Tag.objects.exists()


def test_whoever_may_only_look_exports_and_imports_nothing(tags):
    looker = UserFactory(is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_tag"))
    client = browser(looker)

    assert client.get(EXPORT).status_code == 200
    assert client.get(IMPORT).status_code == 403
    assert client.post(DO_IMPORT).status_code == 403
    assert "Import a table" not in client.get(LIST).text
