"""Each file of the bank by itself: its format, and what can be seen of its quality by machine."""

import re
from uuid import UUID

import pytest

from apps.core.text import slugify
from apps.problems.problem_file import FORMAT, render, wide_code
from tests.starter.bank import SLUGS, constructs, data, fences, problem, prose, tags, texts

pytestmark = pytest.mark.parametrize("slug", SLUGS)

LANGUAGES = {
    "bash", "c", "css", "diff", "dockerfile", "go", "html", "http", "java", "javascript", "json",
    "nginx", "python", "rust", "sql", "text", "typescript", "yaml",
}  # fmt: skip
# What mails and pages show well. Headings are for solutions only.
PLAIN = {
    "inline", "text", "softbreak", "fence", "code_inline",
    "paragraph_open", "paragraph_close", "strong_open", "strong_close", "em_open", "em_close",
    "bullet_list_open", "bullet_list_close", "ordered_list_open", "ordered_list_close",
    "list_item_open", "list_item_close", "blockquote_open", "blockquote_close",
    "table_open", "table_close", "thead_open", "thead_close", "tbody_open", "tbody_close",
    "tr_open", "tr_close", "th_open", "th_close", "td_open", "td_close",
}  # fmt: skip
HEADINGS = {"heading_open", "heading_close"}
# Measured without code: longer than this is not read on a phone in the morning.
STATEMENT_WORDS = range(80, 331)
SOLUTION_WORDS = range(150, 621)
# As their makers spell them. Names that are also English words (Go, Rust, React) are left out.
PRODUCTS = [
    "Argon2", "Cassandra", "Celery", "Django", "Docker", "DynamoDB", "Elasticsearch", "ETag",
    "FastAPI", "Git", "GitHub", "GitLab", "GraphQL", "gRPC", "Hypothesis", "Java", "JavaScript",
    "jQuery", "JSON", "JVM", "Kafka", "Kotlin", "Kubernetes", "Laravel", "Linux", "macOS",
    "MariaDB", "MongoDB", "MySQL", "Node.js", "OAuth", "OpenAPI", "PgBouncer", "PHP",
    "PostgreSQL", "Prometheus", "Pydantic", "PyJWT", "Python", "RabbitMQ", "Redis",
    "SQLAlchemy", "SQLite", "Terraform", "TypeScript", "Unicode", "Valkey", "WebSocket",
    "YAML",
]  # fmt: skip
NICKNAMES = re.compile(
    r"(?<![\w.])(postgres|nodejs|k8s|golang|reactjs|mongo|es6|js|elastic search)\b", re.IGNORECASE
)
# In a title, which has no code, a command is no name.
COMMANDS = re.compile(r"\b(docker|git) [a-z]+\b")
AMERICAN = re.compile(
    r"\b(behavior|color|favor|honor|center|analyz|serializ(?!able)|normaliz|optimiz|authoriz|organiz"
    r"|recogniz|initializ|synchroniz|canceled|canceling|modeling|labeled|catalog\b)",
    re.IGNORECASE,
)


def words(text: str) -> int:
    return len(prose(text).split())


def test_the_file_is_just_what_an_export_writes(slug: str) -> None:
    assert render(problem(slug)) == data(slug)
    assert data(slug).startswith(f"---\nformat: {FORMAT}\n".encode())


def test_the_file_is_named_after_its_title(slug: str) -> None:
    assert slug == slugify(problem(slug).content["title"])


def test_the_lines_are_clean(slug: str) -> None:
    assert re.search(rb"\t|\r|[ ]\n", data(slug)) is None
    assert data(slug).endswith(b"\n")
    assert max(map(len, data(slug).decode().splitlines())) <= 120


def test_every_field_is_within_its_limits(slug: str) -> None:
    file = problem(slug)

    assert UUID(str(file.uuid)).version == 4
    assert file.version >= 1
    assert len(file.content["title"]) <= 70
    assert file.content["difficulty"] in ("easy", "medium", "hard")
    assert 5 <= file.content["estimated_minutes"] <= 45
    assert 2 <= len(file.content["hints"]) <= 4
    assert file.content["license"] == "CC BY 4.0"
    assert 2 <= len(file.tags) <= 5


def test_its_tags_are_names_of_the_tree(slug: str) -> None:
    assert set(problem(slug).tags) <= {tag.path[-1] for tag in tags()}
    assert len(set(problem(slug).tags)) == len(problem(slug).tags)


def test_it_has_the_length_of_a_morning_mail(slug: str) -> None:
    assert words(texts(slug)["statement"]) in STATEMENT_WORDS
    assert words(texts(slug)["solution"]) in SOLUTION_WORDS
    for hint in problem(slug).content["hints"]:
        assert words(hint) <= 75


def test_it_asks_and_the_solution_says_what_to_take_away(slug: str) -> None:
    last = texts(slug)["statement"].split("\n\n")[-1]

    assert last.startswith("**Question:** ")
    assert texts(slug)["solution"].count("**Take away:** ") == 1
    assert texts(slug)["solution"].split("\n\n")[-1].startswith("**Take away:** ")


def test_code_fits_a_phone_and_names_its_language(slug: str) -> None:
    for place, text in texts(slug).items():
        assert wide_code(text) == []
        for fence in fences(text):
            assert {*fence.words[:1]} & LANGUAGES
            if fence.words[1:]:
                assert (place, fence.words[1:]) == ("solution", ("run",))
                assert fence.words[0] in ("python", "sql")


def test_it_uses_only_the_markdown_that_mails_show_well(slug: str) -> None:
    for place, text in texts(slug).items():
        assert constructs(text) <= (PLAIN | HEADINGS if place == "solution" else PLAIN)
        assert all(line.startswith("### ") for line in headings(text))
        assert text.count("> [!") <= 1


def test_it_links_nowhere(slug: str) -> None:
    for text in texts(slug).values():
        assert not constructs(text) & {"link_open", "image"}
        assert re.findall(r"https?://|www\.", prose(text)) == []


def test_names_are_spelled_as_their_owners_spell_them(slug: str) -> None:
    title = COMMANDS.sub("…", problem(slug).content["title"])
    for text in (title, *map(prose, texts(slug).values())):
        for product in PRODUCTS:
            for found in re.findall(
                rf"(?<![\w.-]){re.escape(product)}(?![\w-])", text, re.IGNORECASE
            ):
                assert found == product
        assert NICKNAMES.findall(text) == []


def test_the_spelling_is_british(slug: str) -> None:
    for text in texts(slug).values():
        assert AMERICAN.findall(prose(text)) == []


def headings(text: str) -> list[str]:
    outside = re.sub(r"^ {0,3}```.*?^ {0,3}```$", "", text, flags=re.DOTALL | re.MULTILINE)
    return [line for line in outside.split("\n") if line.startswith("#")]
