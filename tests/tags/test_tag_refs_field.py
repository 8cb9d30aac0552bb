"""Tags as other resources write them: a list of ids and slugs."""

import pytest
from rest_framework.exceptions import ValidationError

from apps.tags.models import TagName
from apps.tags.serializers import TagRefsField
from tests.factories import TagFactory

pytestmark = pytest.mark.django_db


def codes(data):
    with pytest.raises(ValidationError) as error:
        TagRefsField(limit=3).run_validation(data)
    return error.value.get_codes()


def test_ids_slugs_and_merged_slugs_are_found(django_assert_num_queries):
    first, second, third = TagFactory(), TagFactory(slug="rust"), TagFactory(slug="go")
    TagName.objects.create(tag=third, name="golang", normalized="golang", kind="redirect")

    with django_assert_num_queries(2):
        found = TagRefsField(limit=3).run_validation([first.pk, "rust", "golang"])

    assert found == [first, second, third]


def test_the_same_tag_twice_counts_once():
    tag = TagFactory(slug="rust")

    assert TagRefsField(limit=3).run_validation(["rust", tag.pk, str(tag.pk)]) == [tag]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("rust", ["not_a_list"]),
        ({"0": "rust"}, ["not_a_list"]),
        ([1, 2, 3, 4], ["max_length"]),
        ([True], {0: ["invalid"]}),
        ([1.5, None, {}, [], ""][:3], {0: ["invalid"], 1: ["invalid"], 2: ["invalid"]}),
        ([""], {0: ["invalid"]}),
        (["nothing"], {0: ["does_not_exist"]}),
        ([0], {0: ["does_not_exist"]}),
        ([2**62], {0: ["does_not_exist"]}),
    ],
)
def test_what_is_no_tag_is_named_by_its_place(data, expected):
    assert codes(data) == expected
