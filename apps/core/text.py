"""Text normalisation: one folding for every name and address that must be unique whatever its
spelling.
"""

import re
import unicodedata

_SLUG_TABLE = (("+", "-plus"), ("#", "-sharp"))


def normalize(text: str) -> str:
    """Fold letter case, width, composition and white space, so that equal names compare equal.

    NFKC after case folding, because folding can undo a composition (Unicode 16, section 3.13,
    D146).
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.split())


def slugify(text: str) -> str:
    """A readable ASCII slug, empty when nothing is left.

    C++ → c-plus-plus, .NET → dot-net, Node.js → node-js.
    """
    text = normalize(text)
    for sign, word in _SLUG_TABLE:
        text = text.replace(sign, word)
    if text.startswith("."):
        text = "dot-" + text[1:]
    ascii_text = (
        unicodedata.normalize("NFKD", text.replace(".", "-")).encode("ascii", "ignore").decode()
    )
    return re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")
