"""The format in which the tree travels as a file: YAML, children nested in their parents. Pure.

`render(parse(data))` gives back every file that `render` wrote, byte for byte.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from apps.core.strict_yaml import Node, YamlError, line_of_list, line_of_text, load

FORMAT = 1
FILE_SIZE_AT_MOST = 1024 * 1024
_REQUIRED = ("name", "type")
_OPTIONAL = ("slug", "aliases", "description", "featured", "children")


@dataclass(frozen=True, slots=True)
class TagEntry:
    """One tag as the file says it; `line` is where, counted from 1.

    `slug` is empty unless it is a special one. `under` names the parent of what is nested in
    nothing, when that is a tag which the file does not hold. None: the file says nothing of it.
    """

    line: int
    name: str
    tag_type: str
    slug: str = ""
    aliases: tuple[str, ...] = ()
    description: str | None = ""
    is_featured: bool | None = False
    children: tuple["TagEntry", ...] = ()
    under: str = ""


def parse(data: bytes) -> list[TagEntry]:
    """Read a file. YamlError names the line and the reason."""
    if len(data) > FILE_SIZE_AT_MOST:
        raise YamlError(1, f"the file is larger than {FILE_SIZE_AT_MOST // 1024} KiB")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise YamlError(data.count(b"\n", 0, error.start) + 1, "this is not UTF-8") from error
    values = load(text).mapping(required=("format", "tags"), optional=())
    if values["format"].number() != FORMAT:
        values["format"].refuse(f"this program reads format {FORMAT} only")
    return values["tags"].items(_entry)


def render(entries: Iterable[TagEntry]) -> bytes:
    """The one way to write it: keys in the order of the format, empty ones left out."""
    lines = [f"format: {FORMAT}", "tags:"]
    for entry in entries:
        lines += _lines(entry, indent="")
    return ("\n".join(lines if len(lines) > 2 else [lines[0], "tags: []"]) + "\n").encode()


def _entry(node: Node) -> TagEntry:
    values = node.mapping(required=_REQUIRED, optional=_OPTIONAL)
    return TagEntry(
        line=values["name"].line,
        name=values["name"].text(),
        tag_type=values["type"].text(),
        slug=values["slug"].text() if "slug" in values else "",
        aliases=tuple(values["aliases"].items(Node.text)) if "aliases" in values else (),
        description=values["description"].text() if "description" in values else "",
        is_featured=values["featured"].flag() if "featured" in values else False,
        children=tuple(values["children"].items(_entry)) if "children" in values else (),
    )


def _lines(entry: TagEntry, *, indent: str) -> Iterator[str]:
    yield f"{indent}- name: {line_of_text(entry.name)}"
    indent += "  "
    yield f"{indent}type: {entry.tag_type}"
    if entry.slug:
        yield f"{indent}slug: {line_of_text(entry.slug)}"
    if entry.aliases:
        yield f"{indent}aliases: {line_of_list(list(entry.aliases))}"
    if entry.description:
        yield f"{indent}description: {line_of_text(entry.description)}"
    if entry.is_featured:
        yield f"{indent}featured: true"
    if entry.children:
        yield f"{indent}children:"
        for child in entry.children:
            yield from _lines(child, indent=indent)
