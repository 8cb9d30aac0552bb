"""Coloured code: a few classes that mail and pages give their own colours, light and dark."""

from collections.abc import Iterable
from functools import cache
from html import escape

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Literal, Name, Operator, String, _TokenType

_NAMES = (
    *("bash", "c", "cpp", "csharp", "css", "diff", "elixir", "go", "graphql", "haskell", "hcl"),
    *("html", "http", "ini", "java", "javascript", "json", "kotlin", "lua", "makefile", "nginx"),
    *("php", "postgresql", "powershell", "python", "ruby", "rust", "swift", "toml"),
    *("typescript", "xml", "yaml"),
)
# What a fence may call its language, and the name under which Pygments knows it.
# Not Scala: its lexer takes minutes over a row of brackets.
LANGUAGES = {name: name for name in _NAMES} | {
    "c++": "cpp",
    "docker": "docker",
    "dockerfile": "docker",
    "js": "javascript",
    "py": "python",
    "rs": "rust",
    "sh": "bash",
    "shell": "bash",
    "sql": "postgresql",
    "terraform": "hcl",
    "ts": "typescript",
    "yml": "yaml",
}
# Colour is a comfort: a listing beyond these is shown plain, lest a lexer's worst case cost much.
MAX_CODE = 16_000
MAX_LINE = 500

# The first that contains the token's type wins.
_CLASSES: tuple[tuple[_TokenType, str], ...] = (
    (Comment.Preproc, "k"),
    (Comment, "c"),
    (Generic.Deleted, "d"),
    (Generic.Inserted, "i"),
    (Generic.Heading, "f"),
    (Generic.Subheading, "f"),
    (Keyword.Constant, "m"),
    (Keyword, "k"),
    (Operator.Word, "k"),
    (String, "s"),
    (Literal, "m"),
    (Name.Constant, "m"),
    (Name.Function, "f"),
    (Name.Class, "f"),
    (Name.Decorator, "f"),
    (Name.Tag, "k"),
    (Name.Attribute, "f"),
)
CLASSES = frozenset(css_class for _, css_class in _CLASSES)


def highlight(code: str, language: str) -> list[str]:
    """The lines of a listing as escaped HTML, with a span around each token that has a colour."""
    lexer = _lexer(LANGUAGES.get(language, ""))
    lines = code.split("\n")
    if lexer is None or len(code) > MAX_CODE or max(map(len, lines)) > MAX_LINE:
        return [escape(line, quote=False) for line in lines]
    # Some lexers know a line by its end.
    return _coloured(lexer.get_tokens(code + "\n"))[: len(lines)]


def _coloured(tokens: Iterable[tuple[_TokenType, str]]) -> list[str]:
    """Neighbouring tokens of one class share a span, and no span crosses the end of a line."""
    lines: list[list[tuple[str, str]]] = [[]]
    for token_type, text in tokens:
        css_class = _class_of(token_type)
        for number, piece in enumerate(text.split("\n")):
            if number:
                lines.append([])
            runs = lines[-1]
            if runs and (runs[-1][0] == css_class or not piece.strip()):
                runs[-1] = (runs[-1][0], runs[-1][1] + piece)
            else:
                runs.append((css_class if piece.strip() else "", piece))
    return ["".join(_span(*run) for run in runs) for runs in lines]


def _span(css_class: str, text: str) -> str:
    word = text.rstrip()
    if not css_class or not word:
        return escape(text, quote=False)
    return f'<span class="{css_class}">{escape(word, quote=False)}</span>{text[len(word) :]}'


@cache
def _class_of(token_type: _TokenType) -> str:
    return next((name for parent, name in _CLASSES if token_type in parent), "")


@cache
def _lexer(name: str) -> Lexer | None:
    return get_lexer_by_name(name, stripnl=False) if name else None
