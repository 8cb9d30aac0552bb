"""Whether the tree is one, and numbering it anew when it is not."""

from django.db import connection

from apps.core.services import raise_alert, resolve_alert
from apps.tags.events import tree_changed
from apps.tags.models import Tag
from apps.tags.selectors import EXPECTED_TREE, TreeFault, tree_faults
from apps.tags.tree import tree_lock

_REBUILD = f"""UPDATE tags_tag AS tag
               SET tree_id = expected.tree_id, level = expected.level,
                   lft = expected.lft, rght = expected.rght
               FROM ({EXPECTED_TREE}) AS expected
               WHERE expected.id = tag.id
                 AND (tag.tree_id, tag.level, tag.lft, tag.rght) IS DISTINCT FROM
                     (expected.tree_id, expected.level, expected.lft, expected.rght)"""  # noqa: S608 -- both parts are ours


def check_tree() -> list[TreeFault]:
    """Every fault of the tree; opens an alert when there is one, closes it when there is none."""
    with tree_lock():
        faults = tree_faults()
    if faults:
        worst = [f"{fault.name}: {fault.fault}" for fault in faults[:20]]
        raise_alert("tag_tree_faulty", detail={"count": len(faults), "faults": worst})
    else:
        resolve_alert("tag_tree_faulty")
    return faults


def rebuild_tree() -> int:
    """Number the tree anew from the parents, keeping the order of siblings; how many tags were
    wrong.
    """
    with tree_lock(), connection.cursor() as cursor:
        cursor.execute(_REBUILD)
        mended: int = cursor.rowcount
        if mended:
            tree_changed.send(Tag, tag_ids=set(Tag.objects.values_list("pk", flat=True)))
    return mended
