import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.core.management import get_commands

from config.variables import VARIABLES
from tests.production.shape import ROOT, services

LEFT_OUT = {".venv", ".data", "node_modules", "starter"}
DOCUMENTS = sorted(
    path for path in ROOT.rglob("*.md") if not LEFT_OUT & set(path.relative_to(ROOT).parts)
)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def anchors(path: Path) -> set[str]:
    """The anchors that headings get."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", path.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in headings}


def words_in_code(path: Path) -> list[str]:
    return re.findall(r"`([^`\n]+)`", FENCED.sub("", path.read_text()))


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_no_link_is_dead(path):
    dead = []
    for link in LINK.findall(FENCED.sub("", path.read_text())):
        place, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", place):
            continue
        target = (path.parent / unquote(place)).resolve() if place else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)

    assert dead == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_command_that_is_named_exists(path):
    named = set(re.findall(r"manage\.py ([a-z_]+)", path.read_text()))

    assert named - set(get_commands()) == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_make_target_that_is_named_exists(path):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = path.read_text()
    named = re.findall(r"^make ([a-z-]+)", text, re.MULTILINE)
    named += [
        match for words in words_in_code(path) for match in re.findall(r"^make ([a-z-]+)", words)
    ]

    assert set(named) - targets == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_file_that_is_named_with_its_folder_exists(path):
    place = re.compile(r"^(?:apps|config|ops|tests|docs|starter|templates|clients)/[\w./-]*$")
    named = [words for words in words_in_code(path) if place.match(words)]

    assert [words for words in named if not (ROOT / words).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_service_that_compose_is_told_of_exists(path):
    text = path.read_text()
    told = re.findall(r"--scale ([\w-]+)=", text)
    told += re.findall(r"docker compose exec (?:-T )?([\w-]+) ", text)
    told += re.findall(r"docker compose logs ([\w-]+)", text)

    assert set(told) - set(services()) == set()


def test_every_variable_that_operators_are_told_of_is_declared():
    known = {one.name for one in VARIABLES} | {f"{one.name}_FILE" for one in VARIABLES}
    known |= {"NAME_FILE", "AUTH_USER_MODEL", "OPENAI_API_KEY", "INSTALLED_APPS"}
    known |= {"CHANGELOG", "PROVIDER", "README"}
    shaped = re.compile(r"^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$")
    named = {
        words.split("=")[0]
        for path in DOCUMENTS
        for words in words_in_code(path)
        if shaped.match(words.split("=")[0])
    }

    assert named - known == set()


def test_the_memory_bank_has_its_five_pages_and_the_first_leads_to_all():
    folder = ROOT / "docs/memory-bank"
    pages = {path.name for path in folder.glob("*.md")}
    linked = set(LINK.findall((folder / "project-brief.md").read_text()))

    assert pages == {
        "project-brief.md",
        "system-patterns.md",
        "technical-context.md",
        "decisions.md",
        "progress.md",
    }
    assert linked == pages - {"project-brief.md"}
