import pytest

from apps.notifications.streak import Streak, streak


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([], Streak(0, 0)),
        ([""], Streak(0, 0)),
        (["solved"], Streak(1, 1)),
        (["solved", "tried", "solved"], Streak(3, 3)),
        (["solved", "solved", ""], Streak(2, 2)),
        (["solved", "", ""], Streak(0, 1)),
        (["solved", "", "solved"], Streak(1, 1)),
        (["solved", "solved", "skipped", "tried"], Streak(1, 2)),
        (["solved", "skipped"], Streak(0, 1)),
    ],
)
def test_solved_and_tried_in_a_row_count_and_the_newest_unmarked_one_waits(outcomes, expected):
    assert streak(outcomes) == expected
