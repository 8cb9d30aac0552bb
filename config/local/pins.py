"""Whether each lock file is what its `.in` file asks for, judged without a network.

The names and needs of the packages are read from what is installed; what newer versions there are
is a question for `make lock`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCKS = ("requirements", "requirements-embedded", "requirements-dev")
# What the locks are made for; `make lock` says the same to uv.
TARGET = {
    "python_version": "3.11",
    "python_full_version": "3.11.0",
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
    "sys_platform": "linux",
    "platform_system": "Linux",
    "os_name": "posix",
}
PIN = re.compile(
    r"^(?P<name>[\w.-]+)(?:\[.*\])?==(?P<version>\S+)(?P<rest>(?: \\\n.*)*)", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Pin:
    """One line of a lock file."""

    version: str
    has_hash: bool


def faults_of_locks(folder: Path) -> list[str]:
    """A sentence for each way in which a lock file is not what its `.in` file asks for."""
    return [
        f"{name}.txt: {fault}"
        for name in LOCKS
        for fault in faults_of(
            (folder / f"{name}.in").read_text(), (folder / f"{name}.txt").read_text()
        )
    ]


def faults_of(wishes: str, lock: str) -> Iterator[str]:
    """The faults of one lock file, given the text of its `.in` file and its own."""
    pins = pins_of(lock)
    yield from (f"{name} has no hash" for name, pin in pins.items() if not pin.has_hash)
    needed = _needed(wishes)
    for name, requirements in sorted(needed.items()):
        if name not in pins:
            yield f"{name} is needed and not locked; make lock"
        else:
            yield from _unmet(requirements, pins[name].version)
    yield from (f"{name} is locked and nothing needs it" for name in sorted(pins.keys() - needed))


def pins_of(lock: str) -> dict[str, Pin]:
    """What a lock file pins, by normalised name."""
    return {
        canonicalize_name(found["name"]): Pin(found["version"], "--hash=sha256:" in found["rest"])
        for found in PIN.finditer(lock)
    }


def _needed(wishes: str) -> dict[str, set[str]]:
    """Every package that the wishes come down to, each with the requirements that name it."""
    lines = [line for line in wishes.splitlines() if line and not line.startswith(("#", "-"))]
    todo, seen = [Requirement(line) for line in lines], set()
    needed: dict[str, set[str]] = {}
    while todo:
        requirement = todo.pop()
        name = canonicalize_name(requirement.name)
        needed.setdefault(name, set()).add(str(requirement))
        for extra in ("", *requirement.extras):
            if (name, extra) not in seen:
                seen.add((name, extra))
                todo += _needs_of(name, extra)
    return needed


def _needs_of(name: str, extra: str) -> list[Requirement]:
    try:
        needs = [Requirement(line) for line in requires(name) or ()]
    except PackageNotFoundError:
        return []  # Not installed, so not locked either: that is said by its name alone.
    return [
        need for need in needs if not need.marker or need.marker.evaluate(TARGET | {"extra": extra})
    ]


def _unmet(requirements: set[str], version: str) -> Iterator[str]:
    for requirement in sorted(requirements):
        if not Requirement(requirement).specifier.contains(version, prereleases=True):
            yield f"{requirement} is asked for and {version} is locked; make lock"
