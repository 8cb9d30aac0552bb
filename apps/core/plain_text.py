"""What a person may type: one line for names and titles, many for Markdown.

Refuses what cannot be seen or stored.
"""

import re
import unicodedata

from apps.core.errors import InvalidInputError

# Control, format (zero width, direction override), surrogate, private use, unassigned, line and
# paragraph separators.
_REFUSED_IN_A_LINE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Drawn as nothing although their category does not say so.
# Source: Unicode 16, DerivedCoreProperties, Default_Ignorable_Code_Point; and the blank Braille
# pattern.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
# All control characters but line feed and tab, and surrogates, which UTF-8 cannot hold.
_REFUSED_IN_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def one_line(text: str, *, field: str, limit: int) -> str:
    """Composed (NFC), white space collapsed, at most `limit` characters.

    InvalidInputError names the field.
    """
    for character in text:
        if unicodedata.category(character) in _REFUSED_IN_A_LINE or _INVISIBLE.match(character):
            raise InvalidInputError(
                f"The {_words(field)} holds an invisible or control character,"
                f" U+{ord(character):04X}.",
                code="invisible_character",
                field=field,
            )
    line = " ".join(unicodedata.normalize("NFC", text).split())
    if len(line) > limit:
        raise InvalidInputError(
            f"The {_words(field)} has {len(line)} characters; at most {limit} are allowed.",
            code="max_length",
            field=field,
        )
    return line


def many_lines(text: str, *, field: str) -> str:
    """Line ends as LF, no blank lines around.

    InvalidInputError names the field and a character it cannot hold.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found = _REFUSED_IN_TEXT.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise InvalidInputError(
            f"The {_words(field)} holds the control character U+{ord(found[0]):04X},"
            f" in line {line}.",
            code="control_character",
            field=field,
        )
    return re.sub(r"\A(?:[ \t]*\n)+", "", text).rstrip()


def _words(field: str) -> str:
    return field.replace("_", " ")
