"""What docs/architecture.md lists is what there is."""

import ast
import re
import subprocess
from importlib import import_module
from pathlib import Path

import pytest
from django.dispatch import Signal

from tests.production.shape import ROOT

TEXT = (ROOT / "docs/architecture.md").read_text()
APPS = ROOT / "apps"
REGISTERS = {"register", "register_tallies"}


def table(heading: str) -> list[list[str]]:
    """The rows of the first table below a heading."""
    below = TEXT.partition(f"{heading}\n")[2]
    lines = re.search(r"(?:^\|.*\n)+", below, re.MULTILINE)[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def name_of(module: Path) -> str:
    """`tags.events` for apps/tags/events.py."""
    return ".".join(module.relative_to(APPS).with_suffix("").parts)


def signals() -> dict[str, Signal]:
    """Every signal of ours by the name that the document gives it."""
    return {
        f"{name_of(path)}.{name}": value
        for path in APPS.glob("*/events.py")
        for name, value in vars(import_module(f"apps.{name_of(path)}")).items()
        if isinstance(value, Signal)
    }


def listeners(signal: Signal) -> set[str]:
    """The apps whose functions it calls."""
    found = {reference().__module__ for _, reference, *_ in signal.receivers}
    return {module.split(".")[1] for module in found if module.startswith("apps.")}


def registries() -> set[str]:
    """The modules that upper apps fill in: those with a function to do so."""
    found = set()
    for path in APPS.glob("*/*.py"):
        functions = {n.name for n in ast.parse(path.read_text()).body if hasattr(n, "name")}
        if functions & REGISTERS:
            found.add(name_of(path))
    return found | {"core.doctor"}


def test_every_signal_is_listed_and_whoever_listens_is_named():
    listed = {row[0].strip("`"): row[2] for row in table("### Signals")}

    assert set(listed) == set(signals())
    for name, signal in signals().items():
        assert {app for app in listeners(signal) if app not in listed[name]} == set(), name
        assert listeners(signal), name


def test_every_registry_is_listed():
    paragraph = TEXT.partition("### Registries\n")[2].partition("\n## ")[0]

    assert set(re.findall(r"`(\w+\.\w+)`", paragraph)) - {"AppConfig.ready"} == registries()


def folders() -> set[str]:
    """The folders of the repository, and of each app its own."""
    files = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    parts = [path.split("/") for path in files if "/" in path and not path.startswith(".")]
    tops = {one[0] for one in parts} - {"apps", "clients"}
    return {f"{top}/" for top in tops} | {
        f"{one[0]}/{one[1]}/" for one in parts if one[0] in ("apps", "clients") and len(one) > 2
    }


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="git knows which files are ours")
def test_every_folder_has_its_line():
    listed = {row[0].strip("`") for row in table("## The house")}

    assert listed == folders()
