"""Which tags a suggested name probably means already."""

import pytest

from apps.tags.twins import Name, Spellings

TAGS = [
    "PostgreSQL",
    "React",
    "React Native",
    "Go",
    "Kubernetes",
    "Continuous integration",
    "JavaScript",
    "Java",
    "C",
    "C++",
    "C#",
    "Redis",
    "Python",
    "Node.js",
    "Microservices",
    "MySQL",
    "日本語",
    "asyncio",
]
SPELLINGS = Spellings(Name(text, number) for number, text in enumerate(TAGS))


@pytest.mark.parametrize(
    ("typed", "twins"),
    [
        ("Postgres", ["PostgreSQL"]),
        ("postgre-sql", ["PostgreSQL"]),
        ("react.js", ["React"]),
        ("ReactJS", ["React"]),
        ("Golang", ["Go"]),
        ("K8s", ["Kubernetes"]),
        ("CI", ["Continuous integration"]),
        ("JS", ["JavaScript"]),
        ("C sharp", ["C#"]),
        ("CSharp", ["C#"]),
        ("Pyhton", ["Python"]),
        ("Python 3", ["Python"]),
        ("node", ["Node.js"]),
        ("microservice", ["Microservices"]),
        ("async", ["asyncio"]),
        # Short names that look alike and mean something else.
        ("Redux", []),
        ("NoSQL", []),
        ("Jav", []),
        ("Bun", []),
        ("日本", []),
        ("🦀", []),
    ],
)
def test_the_likely_twin_of_a_name(typed, twins):
    assert [name.text for name in SPELLINGS.twins_of(typed)] == twins


def test_a_tag_comes_once_however_many_of_its_names_are_alike():
    spellings = Spellings([Name("PostgreSQL", 1), Name("Postgres", 1), Name("Postgress", 2)])

    assert spellings.twins_of("postgres") == [Name("Postgres", 1), Name("Postgress", 2)]


def test_of_many_twins_three_are_shown():
    spellings = Spellings(Name(f"framework{letter}", n) for n, letter in enumerate("abcdef"))

    assert len(spellings.twins_of("framework")) == 3
