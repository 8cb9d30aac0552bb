"""Tags over HTTP: the list, one of them, the tree."""

import pytest
from django.db.models import F

from apps.tags.models import Tag, TagName
from tests.api import METHOD_NOT_ALLOWED, pointers, problem
from tests.factories import TagFactory

LIST = "/api/tags/"
TREE = "/api/tags/tree/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def python():
    return TagFactory(name="Python", tag_type="language", is_featured=True)


@pytest.fixture
def asyncio(python):
    tag = TagFactory(name="asyncio", tag_type="framework", parent=python, description="Waiting.")
    TagName.objects.create(tag=tag, name="Async IO", normalized="async io", kind="alias")
    return tag


def instant(value):
    return value.isoformat().replace("+00:00", "Z")


def names(response):
    assert response.status_code == 200, response.content
    return [tag["name"] for tag in response.json()["results"]]


def test_a_tag_comes_with_its_relatives_and_other_names(api, python, asyncio):
    tasks = TagFactory(name="Tasks", parent=asyncio)
    Tag.objects.filter(pk=asyncio.pk).update(problem_count=4)
    asyncio.refresh_from_db()

    response = api.get(f"{LIST}asyncio/")

    assert response.status_code == 200
    assert response.json() == {
        "id": asyncio.pk,
        "name": "asyncio",
        "slug": "asyncio",
        "tag_type": "framework",
        "description": "Waiting.",
        "parent": python.pk,
        "children": [tasks.pk],
        "ancestors": [{"id": python.pk, "name": "Python", "slug": "python"}],
        "level": 1,
        "is_featured": False,
        "aliases": ["Async IO"],
        "problem_count": 4,
        "created_at": instant(asyncio.created_at),
        "updated_at": instant(asyncio.updated_at),
    }


def test_a_tag_is_found_by_its_id(api, python):
    response = api.get(f"{LIST}{python.pk}/")

    assert (response.json()["slug"], response.json()["parent"]) == ("python", None)


def test_a_merged_slug_leads_to_the_survivor(api, python):
    TagName.objects.create(tag=python, name="python-3", normalized="python-3", kind="redirect")

    response = api.get(f"{LIST}python-3/")

    assert response.status_code == 301
    assert response["Location"] == "http://testserver/api/tags/python/"


@pytest.mark.parametrize("ref", ["nothing", "0", "9" * 30, "Ünïcode", "a'b", "%20"])
def test_no_such_tag_is_404(api, ref):
    response = api.get(f"{LIST}{ref}/")

    assert (response.status_code, response.json()) == (
        404,
        problem(404, "not_found", "There is no such tag."),
    )


def test_the_list_is_in_tree_order(api, python, asyncio):
    TagFactory(name="Ada", parent=None)
    TagFactory(name="Generators", parent=python)

    assert names(api.get(LIST)) == ["Python", "asyncio", "Generators", "Ada"]


def test_filters_narrow_the_list(api, python, asyncio):
    TagFactory(name="Databases", tag_type="domain")
    TagName.objects.create(tag=asyncio, name="old", normalized="old-name", kind="redirect")

    assert names(api.get(f"{LIST}?tag_type=language")) == ["Python"]
    assert names(api.get(f"{LIST}?tag_type=language&tag_type=domain")) == ["Python", "Databases"]
    assert names(api.get(f"{LIST}?parent=null")) == ["Python", "Databases"]
    assert names(api.get(f"{LIST}?parent=python")) == ["asyncio"]
    assert names(api.get(f"{LIST}?parent={python.pk}")) == ["asyncio"]
    assert names(api.get(f"{LIST}?level=1")) == ["asyncio"]
    assert names(api.get(f"{LIST}?is_featured=true")) == ["Python"]
    assert names(api.get(f"{LIST}?is_featured=false")) == ["asyncio", "Databases"]
    assert names(api.get(f"{LIST}?search=PYTH")) == ["Python"]
    assert names(api.get(f"{LIST}?search=async%20I")) == ["asyncio"]
    assert names(api.get(f"{LIST}?search=old")) == []
    assert names(api.get(f"{LIST}?ordering=-name")) == ["asyncio", "Python", "Databases"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("tag_type=king", {"/tag_type": "invalid_choice"}),
        ("parent=nothing", {"/parent": "does_not_exist"}),
        ("level=x", {"/level": "invalid"}),
        ("level=-1", {"/level": "min_value"}),
        ("level=" + "9" * 30, {"/level": "max_value"}),
        ("is_featured=1", {"/is_featured": "invalid_choice"}),
        ("ordering=lft", {"/ordering": "invalid_choice"}),
        ("lft=1", {"/lft": "unknown_parameter"}),
        ("name__startswith=P", {"/name__startswith": "unknown_parameter"}),
        ("format=json", {"/format": "unknown_parameter"}),
    ],
)
def test_a_bad_query_is_named(api, query, expected):
    assert pointers(api.get(f"{LIST}?{query}")) == expected


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(api, django_assert_num_queries, count):
    parent = None
    for _ in range(count):
        parent = TagFactory(parent=parent)

    with django_assert_num_queries(5):
        api.get(LIST)


def test_the_tree_is_nested_in_tree_order(api, python, asyncio):
    TagFactory(name="Ada", tag_type="language")

    response = api.get(TREE)

    assert response.status_code == 200
    assert response.json() == [
        {
            "id": python.pk,
            "name": "Python",
            "slug": "python",
            "tag_type": "language",
            "level": 0,
            "is_featured": True,
            "problem_count": 0,
            "children": [
                {
                    "id": asyncio.pk,
                    "name": "asyncio",
                    "slug": "asyncio",
                    "tag_type": "framework",
                    "level": 1,
                    "is_featured": False,
                    "problem_count": 0,
                    "children": [],
                }
            ],
        },
        {
            "id": Tag.objects.get(name="Ada").pk,
            "name": "Ada",
            "slug": "ada",
            "tag_type": "language",
            "level": 0,
            "is_featured": False,
            "problem_count": 0,
            "children": [],
        },
    ]


def shape(nodes):
    return {node["name"]: shape(node["children"]) for node in nodes}


def test_the_tree_may_begin_lower_and_end_earlier(api, python, asyncio):
    TagFactory(name="Tasks", parent=asyncio)
    TagFactory(name="Ada")

    assert shape(api.get(f"{TREE}?root=asyncio").json()) == {"asyncio": {"Tasks": {}}}
    assert shape(api.get(f"{TREE}?depth=1").json()) == {"Python": {}, "Ada": {}}
    assert shape(api.get(f"{TREE}?root=python&depth=2").json()) == {"Python": {"asyncio": {}}}
    assert shape(api.get(f"{TREE}?root=python&depth=" + "9" * 40).json()) == {
        "Python": {"asyncio": {"Tasks": {}}}
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("root=nothing", {"/root": "does_not_exist"}),
        ("root=&depth=", {"/root": "blank", "/depth": "blank"}),
        ("depth=0", {"/depth": "invalid"}),
        ("depth=x", {"/depth": "invalid"}),
        ("page=1", {"/page": "unknown_parameter"}),
    ],
)
def test_a_bad_query_of_the_tree_is_named(api, query, expected):
    assert pointers(api.get(f"{TREE}?{query}")) == expected


@pytest.mark.parametrize("count", [1, 3])
def test_the_tree_is_two_queries_however_large_and_then_one(api, django_assert_num_queries, count):
    parent = None
    for _ in range(count):
        parent = TagFactory(parent=parent)

    for queries in (2, 1):
        with django_assert_num_queries(queries):
            api.get(TREE)


@pytest.mark.parametrize("path", [LIST, TREE, f"{LIST}python/"])
def test_what_has_not_changed_is_304_and_what_has_is_sent(api, python, path):
    first = api.get(path)
    assert first["Cache-Control"] == "public, max-age=60"
    assert api.get(path, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304

    Tag.objects.filter(pk=python.pk).update(problem_count=F("problem_count") + 1)

    assert api.get(path, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200


@pytest.mark.parametrize("path", [LIST, TREE, f"{LIST}python/"])
def test_putting_is_405(api, python, path):
    response = api.put(path, {})

    assert (response.status_code, response.json()) == (405, METHOD_NOT_ALLOWED)


def test_signed_in_readers_read_the_same(signed_in, python):
    assert names(signed_in.get(LIST)) == ["Python"]
