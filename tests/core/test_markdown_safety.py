"""Hostile Markdown: nothing runs, nothing is loaded, nothing takes long."""

import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.core.errors import InvalidInputError
from apps.core.markdown import (
    MAX_BYTES,
    Document,
    Profile,
    check_markdown,
    first_words,
    render_html,
    to_text,
)
from apps.core.markdown.highlight import LANGUAGES

XSS = (
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><animate onbegin=alert(1)></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></math>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href=javascript:alert(1)>x</a>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<style>@import '//evil.example'</style>",
    "<base href=//evil.example>",
    "<form action=//evil.example><button>x</button></form>",
    "<details open ontoggle=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](//evil.example)",
    "[x](\\\\evil.example)",
    "[x](/\\evil.example)",
    "[x](https:evil.example)",
    "[x](https:///evil.example)",
    "[x](file:///etc/passwd)",
    "[x](/admin/)",
    "[x](#top)",
    "[x](?next=//evil.example)",
    '[x](https://a.example/" onmouseover="alert(1))',
    '[x](https://a.example "x\\" onmouseover=\\"alert(1)")',
    "<javascript:alert(1)>",
    "<data:text/html,alert(1)>",
    "![x](javascript:alert(1))",
    "![x](https://evil.example/pixel.gif)",
    "![x](data:image/svg+xml,<svg/onload=alert(1)>)",
    '![" onerror="alert(1)](x)',
    "[x]: javascript:alert(1)\n\n[x]",
    "```python\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "```html\n<img src=x onerror=alert(1)>\n```",
    "    <script>alert(1)</script>",
    "`<script>alert(1)</script>`",
    "|<script>alert(1)</script>|\n|-|\n|<img src=x onerror=alert(1)>|",
    "> [!NOTE]\n> <script>alert(1)</script>",
    "# <script>alert(1)</script>",
    "- <script>alert(1)</script>\n- [x](javascript:alert(1))",
    "*<b onclick=alert(1)>*",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "{{7*7}} {% load static %} {{ settings.SECRET_KEY }}",
)
HARMLESS_TAGS = {
    *("a", "blockquote", "br", "code", "div", "em", "hr", "li", "ol", "p", "pre", "span"),
    *("strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
    *(f"h{level}" for level in range(1, 7)),
}
HARMLESS_ATTRIBUTES = {"href", "title", "rel", "class", "role", "tabindex", "aria-label", "start"}


class Harm(HTMLParser):
    """Collects whatever a browser could run or load."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        if tag not in HARMLESS_TAGS:
            self.found.append(tag)
        for name, value in attrs:
            if name not in HARMLESS_ATTRIBUTES:
                self.found.append(f"{tag} {name}")
            if name == "href" and not (value or "").startswith(("https://", "http://", "mailto:")):
                self.found.append(f"{tag} {name}={value}")

    def handle_comment(self, data):
        self.found.append("comment")

    def handle_decl(self, decl):
        self.found.append("declaration")

    def handle_pi(self, data):
        self.found.append("instruction")


@pytest.mark.parametrize("profile", list(Profile))
@pytest.mark.parametrize("source", XSS)
def test_no_attack_leaves_anything_a_browser_would_run_or_load(source, profile):
    assert Harm(render_html(source, profile=profile)).found == []
    assert Harm(Document(source).first_paragraph().html(profile)).found == []


@pytest.mark.parametrize("source", XSS)
def test_plain_text_passes_through_as_text(source):
    assert isinstance(to_text(source), str)
    assert "\n" not in first_words(source)


def test_raw_html_and_template_code_are_printed_literally():
    assert render_html("<b>x</b> {{7*7}} {% load x %}") == (
        "<p>&lt;b&gt;x&lt;/b&gt; {{7*7}} {% load x %}</p>\n"
    )
    assert to_text("<b>x</b> {{7*7}} {% load x %}") == "<b>x</b> {{7*7}} {% load x %}"


def test_a_link_to_elsewhere_than_the_web_leaves_its_words():
    assert render_html("a [b *c*](javascript:x) <data:d> e") == "<p>a b <em>c</em> data:d e</p>\n"
    assert to_text("a [b](javascript:x) [c](https://example.org)") == "a b c (https://example.org)"


@given(st.text(alphabet="ab<>[]()!*_`~#>-+|:\\\"'&;/ \n\t=1.", max_size=200))
@settings(max_examples=300, deadline=None)
def test_random_markdown_is_harmless_in_every_output(source):
    document = Document(source)

    assert Harm(document.html(Profile.PAGE)).found == []
    assert Harm(document.html(Profile.MAIL)).found == []
    document.text()
    document.words(limit=40)
    document.first_paragraph().text()
    document.head(1).html(Profile.MAIL)


def _full(piece: str) -> str:
    return (piece * (MAX_BYTES // len(piece) + 1))[:MAX_BYTES]


def _marked(piece: str, marks: int = 12_000) -> str:
    """As many pieces as the limit on Markdown signs lets through, the rest filled up with words."""
    signs = sum(character in "[]!|*_`<>&\\" for character in piece)
    return (piece * (marks // signs) + " a" * MAX_BYTES)[:MAX_BYTES]


def _lined(piece: str, lines: int = 4_999) -> str:
    return (piece * (lines // piece.count("\n")))[:MAX_BYTES]


BOMBS = {
    "brackets": _marked("["),
    "links": _marked("[a]("),
    "nested links": "[a" * 2000 + "](b)" * 2000,
    "images": _marked("!["),
    "nested images": "![" * 2000 + "](b)" * 2000,
    "stars": _marked("*a **a "),
    "emphasis": _marked("a**b"),
    "mixed emphasis": _marked("*_a "),
    "growing backticks": "".join("`" * length + "a" for length in range(1, 150)),
    "backticks": _marked("`a"),
    "autolinks": _marked("<http://a"),
    "comments": _marked("<!--"),
    "entities": _marked("&"),
    "escapes": _marked("\\"),
    "wide table": "|a" * 60 + "\n" + "|-" * 60 + "\n" + "|\n" * 70,
    "long table": "|a|b|\n|-|-|\n" + "|x|y|\n" * 1200,
    "definitions": "".join(f"[a{number}]: x\n" for number in range(3000)),
    "open definitions": _marked("[a]: "),
    "definition title": '[a]: x "' + _lined("aaaa\n"),
    "setext": _lined("a\n=\n"),
    "lines": _lined("aaaaaaaaaaa\n"),
    "blank lines": _lined("\n"),
    "hard breaks": _lined("a  \n"),
    "rules": _full("- - "),
    "fences": _lined("```\n", 3_900),
    "tabs": _full("\t"),
    "lazy quote": "> a\n" + _lined("b\n", 4_900),
    "one word": _full("a"),
    "words": _full("aaaa bbbb "),
    "addresses": _full("http://a.b/ "),
    "code": "```python\n" + _lined("x = [(1, '2')]\n", 4_000) + "```\n",
    "one long line of code": "```javascript\n" + "/" * 60_000 + "\n```\n",
    "flat list": _lined("- a\n"),
    "emphasis to the limit": "*a " * 17 + "a*" * 17,
}


def _cpu_time(work) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


@pytest.mark.parametrize("name", BOMBS)
def test_the_worst_accepted_text_takes_under_a_second(name):
    def show_everywhere():
        document = Document(BOMBS[name])
        document.html(Profile.PAGE)
        document.text()
        document.words(limit=100)

    # The fastest of three, so that a busy machine does not decide.
    assert min(_cpu_time(show_everywhere) for _ in range(3)) < 1


@pytest.mark.parametrize("language", sorted(set(LANGUAGES.values())))
def test_no_highlighter_is_caught_in_backtracking(language):
    pieces = ["(", "<a b=", '"', "/*", "a(", "${", "a \n", "\\", "0", "x = '_"]
    listings = [f"```{language}\n{(piece * 500)[:499]}\n```" for piece in pieces]

    assert min(_cpu_time(lambda: render_html("\n\n".join(listings))) for _ in range(3)) < 1


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (_full("["), "markdown_too_complex"),
        (_full("a\n"), "markdown_too_complex"),
        ("|a" * 5_000 + "\n" + "|-" * 5_000 + "\n" + "x\n" * 100, "markdown_too_complex"),
        ("> |a|b|\n> |-|-|\n" + "> x\n" * 4_000, "markdown_too_complex"),
        (">" * 30 + " a", "markdown_too_deep"),
        ("".join("  " * depth + "- a\n" for depth in range(30)), "markdown_too_deep"),
        ("*a " * 30 + "a*" * 30, "markdown_too_deep"),
        ("a" * (MAX_BYTES + 1), "markdown_too_long"),
    ],
)
def test_texts_beyond_the_limits_are_refused_at_once(source, code):
    for accept in (Document, check_markdown):
        with pytest.raises(InvalidInputError) as refused:
            accept(source)
        assert refused.value.code == code


_openings = st.sampled_from([">", "> ", "- ", "-\t", "1. ", "10) ", "  ", "\t", "**", "_", "*_"])
_rests = st.sampled_from(["a", "", "12 a", "|a|b|\n|-|-|", "a** a_", "a*" * 12, "a_ " * 12])


@given(st.lists(st.builds(lambda opened, rest: "".join(opened) + rest,
                          st.lists(_openings, max_size=24), _rests), max_size=12))  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_checking_and_rendering_refuse_the_same(lines):
    source = "\n".join(lines)

    assert _refusal(check_markdown, source) == _refusal(Document, source)


def _refusal(accept, source):
    try:
        accept(source)
    except InvalidInputError as error:
        return error.code
    return None


def test_what_is_nested_to_the_limit_is_shown_whole():
    source = "".join("  " * depth + f"- level {depth}\n" for depth in range(9))

    html = render_html(source)

    assert [f"level {depth}" in html for depth in range(9)] == [True] * 9
