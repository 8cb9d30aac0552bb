"""What a machine can see of a mail: colours as a client computes them, links, references."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"}
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_DARK = re.compile(r"@media\s*\(prefers-color-scheme:\s*dark\)\s*\{((?:[^{}]*\{[^{}]*\})*)\s*\}")
_LOADS = re.compile(
    r"url\(|@import|src\s*=|<link|<script|<iframe|<object|<embed|background\s*=", re.I
)


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    parent: "Element | None"
    style: dict[str, str] = field(default_factory=dict)

    @property
    def classes(self) -> set[str]:
        return set(self.attributes.get("class", "").split())

    def chain(self):
        element = self
        while element is not None:
            yield element
            element = element.parent

    def inherited(self, name: str) -> str:
        return next((e.style[name] for e in self.chain() if name in e.style), "")


class Mail(HTMLParser):
    """A mail's HTML part: its elements, its texts, its links."""

    def __init__(self, html: str, *, dark: bool = False) -> None:
        super().__init__(convert_charrefs=True)
        self.html = html
        self.rules = _dark_rules(html) if dark else []
        self.texts: list[tuple[str, Element]] = []
        self.links: list[str] = []
        self._open: Element | None = None
        self._raw = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        element = Element(tag, {name: value or "" for name, value in attrs}, self._open)
        element.style = _declarations(element.attributes.get("style", ""))
        for selector, declarations in self.rules:
            if _matches(selector, element):
                element.style |= declarations
        if tag == "a":
            self.links.append(element.attributes["href"])
        if tag not in _VOID:
            self._open = element

    def handle_endtag(self, tag):
        while self._open is not None and self._open.tag != tag:
            self._open = self._open.parent
        self._open = self._open.parent if self._open else None

    def handle_data(self, data):
        if data.strip() and self._open and self._open.tag not in ("style", "title"):
            self.texts.append((data.strip(), self._open))

    def visible(self):
        """Each text with the colour it has and the colour it stands on."""
        for text, element in self.texts:
            if element.inherited("display") != "none" and "preheader" not in element.classes:
                yield text, element.inherited("color"), _ground(element)

    def words(self) -> str:
        return " ".join(" ".join(text for text, _ in self.texts).split())


def faint(html: str, *, dark: bool) -> list[tuple[str, str, str]]:
    """The texts whose contrast is below WCAG's 4.5 : 1."""
    return [
        (text, ink, ground)
        for text, ink, ground in Mail(html, dark=dark).visible()
        if contrast(ink, ground) < 4.5
    ]


def loads(html: str) -> list[str]:
    """Whatever in a mail might be fetched from elsewhere."""
    return [found.strip() for found in _LOADS.findall(html)]


def contrast(one: str, other: str) -> float:
    """Source: WCAG 2.2, contrast ratio."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour.strip()[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _ground(element: Element) -> str:
    for e in element.chain():
        ground = e.style.get("background", "none")
        if ground.startswith("#"):
            return ground
    raise AssertionError("no element has a ground")


def _declarations(css: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in css.split(";") if ":" in part)
    return {name.strip(): value.replace("!important", "").strip() for name, _, value in pairs}


def _dark_rules(html: str):
    """The rules for dark surroundings, the most specific last, each selector on its own."""
    block = _DARK.search(html)
    assert block, "no rules for dark surroundings"
    rules = [
        (selector.strip(), _declarations(body))
        for selectors, body in _RULE.findall(block[1])
        for selector in selectors.split(",")
    ]
    return sorted(rules, key=lambda rule: (rule[0].count("."), len(rule[0].split())))


def _matches(selector: str, element: Element) -> bool:
    *outer, last = selector.split()
    if not _is(last, element):
        return False
    ancestors = list(element.chain())[1:]
    for compound in reversed(outer):
        while ancestors and not _is(compound, ancestors[0]):
            ancestors.pop(0)
        if not ancestors:
            return False
        ancestors.pop(0)
    return True


def _is(compound: str, element: Element) -> bool:
    tag, *classes = compound.split(".")
    return (not tag or tag == element.tag) and set(classes) <= element.classes
