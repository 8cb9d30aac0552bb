import pytest

from apps.core.errors import NotFoundError
from apps.tags import references
from apps.tags.models import TagName
from apps.tags.selectors import resolve, subtree_ids, tag_by_ref
from apps.tags.services import approve_suggestion, create_tag, suggest_tag
from tests.factories import ProblemFactory, SubscriptionFactory
from tests.tags.outlines import plant

pytestmark = pytest.mark.django_db


def test_names_aliases_redirects_and_decided_names_lead_to_their_tags():
    react = create_tag(name="React", tag_type="framework", aliases=["ReactJS"])
    TagName.objects.create(tag=react, name="Reakt", normalized="reakt", kind="redirect")
    suggestion, _ = suggest_tag(name="bunjs", source="user", tag_type="tool")
    bun = approve_suggestion(suggestion_id=suggestion.pk, by=None, name="Bun")

    found = resolve(
        ["REACT", " reactjs ", "Reakt", "BunJS", "ｂｕｎ", "unknown", "a\x00", "\ud800"]
    )

    assert found == {"react": react, "reactjs": react, "reakt": react, "bunjs": bun, "bun": bun}


def test_any_number_of_names_takes_two_queries(django_assert_num_queries):
    for number in range(20):
        create_tag(name=f"Tag {number}", tag_type="topic")
    names = [f"tag {number}" for number in range(40)]

    with django_assert_num_queries(2):
        found = resolve(names)

    assert found.keys() == {f"tag {number}" for number in range(20)}


def test_a_subtree_is_the_tag_and_all_below_it():
    tags = plant(
        {"Languages": {"Python": {"asyncio": {}, "typing": {}}, "Go": {}}, "Tools": {"Git": {}}}
    )

    def below(*names: str) -> set[str]:
        ids = subtree_ids([tags[name].pk for name in names])
        return {name for name, tag in tags.items() if tag.pk in ids}

    assert below("Python") == {"Python", "asyncio", "typing"}
    assert below("Languages", "Git") == {"Languages", "Python", "asyncio", "typing", "Go", "Git"}
    assert below("asyncio") == {"asyncio"}
    assert subtree_ids([]) == subtree_ids([987654]) == set()


def test_a_tag_is_found_by_id_and_slug():
    tag = create_tag(name="Node.js", tag_type="framework")

    assert tag_by_ref(tag.pk) == tag_by_ref(str(tag.pk)) == tag_by_ref("node-js") == tag


def test_the_slug_of_a_merged_tag_leads_to_the_survivor():
    tag = create_tag(name="PostgreSQL", tag_type="tool")
    TagName.objects.create(tag=tag, name="pg-sql", normalized="pg-sql", kind="redirect")

    assert tag_by_ref("pg-sql") == tag


@pytest.mark.parametrize(
    "ref",
    [987654, "987654", "9" * 40, "unknown", "", "a\x00b", "\ud800", "Python", "٣", "-1", "1.0"],
)
def test_what_is_no_reference_to_a_tag_is_not_found(ref):
    create_tag(name="Python", tag_type="language")

    with pytest.raises(NotFoundError):
        tag_by_ref(ref)


def test_uses_are_counted_for_many_tags_at_once(django_assert_num_queries):
    tags = plant({"Python": {}, "Go": {}, "Rust": {}})
    ProblemFactory(tags=[tags["Python"], tags["Go"]])
    ProblemFactory(tags=[tags["Python"]])
    SubscriptionFactory(tags=[tags["Go"]])

    with django_assert_num_queries(len(references.registered())):
        found = references.uses([tag.pk for tag in tags.values()])

    assert found == {
        tags["Python"].pk: {"problems": 2},
        tags["Go"].pk: {"problems": 1, "subscribers": 1},
        tags["Rust"].pk: {},
    }
