import pytest

from apps.core.errors import ConflictError
from apps.problems import tag_references
from apps.problems.models import ProblemTag
from tests.factories import ProblemFactory
from tests.problems.lists import assert_lists_hold
from tests.tags.outlines import plant

pytestmark = pytest.mark.django_db


@pytest.fixture
def tags():
    return plant({"Languages": {"Python": {}, "Py3": {}}, "Go": {}})


def links() -> set[tuple[int, str]]:
    return set(ProblemTag.objects.values_list("problem", "tag__name"))


def test_problems_are_counted_for_each_tag_itself(tags):
    ProblemFactory(tags=[tags["Python"], tags["Go"]])
    ProblemFactory(tags=[tags["Python"]], status="draft", approved_at=None)

    found = tag_references.count([tag.pk for tag in tags.values()])

    assert found == {tags["Python"].pk: 2, tags["Go"].pk: 1}


def test_a_merge_moves_every_link_once_and_undo_puts_back_exactly_those(tags):
    ProblemFactory(tags=[tags["Py3"]])
    ProblemFactory(tags=[tags["Py3"], tags["Go"]])
    ProblemFactory(tags=[tags["Go"]])
    before = links()

    record = tag_references.merge(tags["Py3"].pk, tags["Go"].pk)

    assert {name for _, name in links()} == {"Go"}
    assert len(links()) == 3
    assert_lists_hold()
    tag_references.undo(tags["Py3"].pk, tags["Go"].pk, record)
    assert links() == before
    assert_lists_hold()


def test_undo_is_refused_when_a_problem_was_retagged_since(tags):
    problem = ProblemFactory(tags=[tags["Py3"]])
    record = tag_references.merge(tags["Py3"].pk, tags["Go"].pk)
    problem.problem_tags.update(tag=tags["Python"])
    before = links()

    with pytest.raises(ConflictError):
        tag_references.undo(tags["Py3"].pk, tags["Go"].pk, record)

    assert links() == before
