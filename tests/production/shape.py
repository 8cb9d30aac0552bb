"""The production shape as tests see it: compose file, Dockerfile and the files they name."""

import json
import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
# Where commands are found: beside our Python, as in the image.
PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
_REFERENCE = re.compile(r"\$(?:\$|\{(\w+)(?:(:?[-?+])([^}]*))?\})")


def dot_env() -> dict[str, str]:
    """.env as the example has it, without what is commented out."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))


def interpolate(value: Any, variables: Mapping[str, str]) -> Any:
    """Fill in ${NAME}, ${NAME:-default} and ${NAME:?words} as compose does."""
    if isinstance(value, dict):
        return {key: interpolate(one, variables) for key, one in value.items()}
    if isinstance(value, list):
        return [interpolate(one, variables) for one in value]
    return _filled(value, variables) if isinstance(value, str) else value


def _filled(text: str, variables: Mapping[str, str]) -> str:
    def fill(match: re.Match[str]) -> str:
        name, operator, operand = match.groups()
        if name is None:
            return "$"
        found = variables.get(name, "")
        if found or operator is None:
            return found
        assert operator == ":-", f"{name} is required: {operand}"
        return operand

    return _REFERENCE.sub(fill, text)


def compose(variables: Mapping[str, str] | None = None) -> dict[str, Any]:
    """docker-compose.yml with the variables of .env filled in."""
    document = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return interpolate(document, dot_env() if variables is None else variables)


def services() -> dict[str, dict[str, Any]]:
    return compose()["services"]


def our_services() -> list[str]:
    """Those that run the image of the Dockerfile."""
    return [name for name, service in services().items() if "build" in service]


def seconds(text: str) -> float:
    """A duration as compose writes it."""
    number, unit = re.fullmatch(r"(\d+)(s|m|h)", text).groups()
    return int(number) * {"s": 1, "m": 60, "h": 3600}[unit]


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions in order, continued lines joined and comments left out."""
    text = (ROOT / "Dockerfile").read_text()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [tuple(line.split(None, 1)) for line in joined.splitlines() if line.strip()]


def stages() -> list[list[tuple[str, str]]]:
    """The instructions, a list for each FROM."""
    found: list[list[tuple[str, str]]] = []
    for word, rest in instructions():
        if word == "FROM":
            found.append([])
        found[-1].append((word, rest))
    return found


def copied_from_checkout() -> Iterator[tuple[str, str]]:
    """(source, target) of each COPY of the first stage."""
    for word, rest in stages()[0]:
        if word == "COPY":
            *sources, target = shlex.split(rest)
            yield from ((source, target) for source in sources)


def exec_form(rest: str) -> list[str]:
    """The words of an instruction in the exec form."""
    return json.loads(rest[rest.index("[") :])


def build_tree(target: Path) -> Path:
    """What the Dockerfile's COPY lines bring into the image, under `target`."""
    home = target / "srv"
    home.mkdir()
    for source, place in copied_from_checkout():
        if place.startswith("/"):
            continue
        found = ROOT / source
        to = home / place if found.is_dir() else home / place / found.name
        if found.is_dir():
            shutil.copytree(found, to, ignore=_ignored)
        else:
            shutil.copy(found, to)
    return home


def ignore_patterns() -> list[str]:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def is_ignored(path: str) -> bool:
    """Whether .dockerignore keeps this path out; the last pattern that matches decides."""
    answer = False
    for pattern in ignore_patterns():
        is_exception = pattern.startswith("!")
        if _matches(path, pattern.removeprefix("!")):
            answer = not is_exception
    return answer


def _matches(path: str, pattern: str) -> bool:
    parts = path.split("/")
    heads = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    if pattern.startswith("**/"):
        return any(fnmatch(part, pattern.removeprefix("**/")) for part in parts)
    depth = pattern.count("/")
    return any(head.count("/") == depth and fnmatch(head, pattern) for head in heads)


def _ignored(folder: str, names: list[str]) -> list[str]:
    place = Path(folder).relative_to(ROOT)
    return [name for name in names if is_ignored(str(place / name))]
