from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apps.core.models import Alert
from apps.tags.models import Tag, TagName
from apps.tags.selectors import tree_faults
from apps.tags.services import check_tree, rebuild_tree
from apps.tags.tasks import check_tree as check_tree_task
from tests.tags.outlines import outline, plant

pytestmark = pytest.mark.django_db
TREE = {"Languages": {"Python": {"asyncio": {}}, "Go": {}}, "Tools": {"Git": {}}}


@pytest.fixture
def tags():
    return plant(TREE)


def damage(statement: str, *names: str) -> None:
    """Write past everything."""
    ids = [Tag.objects.get(name=name).pk for name in names]
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE tags_tag SET {statement}", ids or None)


DAMAGES = [
    ("rght = rght + 1 WHERE id = %s", ("Go",), {("Go", "its left or right edge is wrong")}),
    ("rght = rght + 2 WHERE id = %s", ("Tools",), {("Tools", "its left or right edge is wrong")}),
    ("level = 3 WHERE id = %s", ("asyncio",), {("asyncio", "its level is wrong")}),
    ("tree_id = 77 WHERE id = %s", ("Git",), {("Git", "it is in the wrong tree")}),
    (
        "parent_id = %s WHERE id = %s",
        ("Tools", "Go"),
        {
            ("Go", "it is in the wrong tree"),
            ("Languages", "its left or right edge is wrong"),
            ("Tools", "its left or right edge is wrong"),
        },
    ),
]


@pytest.mark.parametrize(("statement", "names", "faults"), DAMAGES)
def test_every_fault_is_found_and_mended(tags, statement, names, faults):
    damage(statement, *names)

    found = {(fault.name, fault.fault) for fault in tree_faults()}
    assert found >= faults
    mended = rebuild_tree()

    assert mended == len(found)
    assert tree_faults() == []
    assert rebuild_tree() == 0


def test_a_rebuild_keeps_the_order_of_siblings(tags):
    damage("rght = rght + 40")

    rebuild_tree()

    assert list(outline()["Languages"]) == ["Python", "Go"]
    assert outline() == TREE


def test_roots_that_share_a_tree_are_told_apart(tags):
    damage("tree_id = 1")

    assert {fault.name for fault in tree_faults()} == {"Tools", "Git"}
    rebuild_tree()

    assert tree_faults() == []
    assert outline() == TREE


def test_a_cycle_is_found_but_cannot_be_mended(tags):
    damage("parent_id = %s WHERE id = %s", "asyncio", "Python")

    rebuild_tree()

    assert {(fault.name, fault.fault) for fault in tree_faults()} >= {
        ("Python", "no root leads to it"),
        ("asyncio", "no root leads to it"),
    }


def test_a_tag_whose_own_name_is_not_on_record_is_a_fault(tags):
    TagName.objects.filter(normalized="go").delete()
    TagName.objects.filter(normalized="git").update(normalized="got")

    assert {(fault.name, fault.fault) for fault in tree_faults()} == {
        ("Go", "its name is not in the table of names"),
        ("Git", "its name is not in the table of names"),
    }


def test_one_alert_is_open_while_there_is_a_fault(tags):
    damage("level = 3 WHERE id = %s", "asyncio")

    check_tree()
    faults = check_tree()

    alert = Alert.objects.open().get()
    assert (alert.kind, alert.detail) == (
        "tag_tree_faulty",
        {"count": len(faults), "faults": ["asyncio: its level is wrong"]},
    )
    rebuild_tree()
    assert check_tree() == []
    assert not Alert.objects.open().exists()


def test_the_task_says_how_many_faults_there_are(tags):
    damage("level = 3 WHERE id = %s", "asyncio")

    assert check_tree_task() == 1


def test_the_command_is_content_with_a_sound_tree(tags):
    out = StringIO()

    call_command("check_tree", stdout=out)

    assert out.getvalue() == "The tag tree is sound.\n"


def test_the_command_names_faults_and_fails(tags):
    damage("level = 3 WHERE id = %s", "asyncio")
    out = StringIO()

    with pytest.raises(CommandError, match="The tag tree has 1 faults"):
        call_command("check_tree", stdout=out)

    assert out.getvalue() == f"tag {tags['asyncio'].pk} “asyncio”: its level is wrong\n"


def test_the_command_mends(tags):
    damage("level = 3 WHERE id = %s", "asyncio")
    out = StringIO()

    call_command("check_tree", "--rebuild", stdout=out)

    assert out.getvalue() == "Renumbered 1 tags.\nThe tag tree is sound.\n"


def test_the_check_takes_a_constant_number_of_queries(tags, django_assert_num_queries):
    with django_assert_num_queries(3):
        tree_faults()
