"""Where a suggested name probably belongs, told by the tags beside which people used it."""

import pytest

from apps.tags.proposals import Outline, Placed

LANGUAGES, PYTHON, DJANGO, GO, TOOLS, GIT = 1, 2, 3, 4, 5, 6
OUTLINE = Outline(
    [
        Placed(LANGUAGES, "Languages", "topic", 0, None),
        Placed(PYTHON, "Python", "language", 1, LANGUAGES),
        Placed(DJANGO, "Django", "framework", 2, PYTHON),
        Placed(GO, "Go", "language", 1, LANGUAGES),
        Placed(TOOLS, "Tools", "topic", 0, None),
        Placed(GIT, "Git", "tool", 1, TOOLS),
    ]
)


@pytest.mark.parametrize(
    ("beside", "parent", "tag_type"),
    [
        ([], None, ""),
        # Below the one tag, and of the kind of what is below it already.
        ([PYTHON], PYTHON, "framework"),
        ([GO], GO, "language"),
        # Beside both, and of their kind.
        ([PYTHON, GO], LANGUAGES, "language"),
        ([PYTHON, GO, GIT], LANGUAGES, "language"),
        # Two trees, no majority.
        ([GO, GIT], None, "language"),
        ([DJANGO, PYTHON, PYTHON], PYTHON, "framework"),
        # Deleted meanwhile.
        ([99], None, ""),
    ],
)
def test_the_parent_is_where_most_of_them_stand(beside, parent, tag_type):
    assert OUTLINE.parent_for(beside) == parent
    assert OUTLINE.type_for(beside, parent_id=parent) == tag_type


def test_nothing_is_proposed_below_the_sixth_level():
    deep = Outline(Placed(n, f"Level {n}", "topic", n, n - 1 if n else None) for n in range(6))

    assert deep.parent_for([5]) == 4
    assert deep.path(2) == "Level 0 › Level 1 › Level 2"
