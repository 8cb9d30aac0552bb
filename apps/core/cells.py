"""Text in the cells of a spreadsheet: what would be run as a formula is kept from it, and read back
as it was.

Source: OWASP, CSV injection. A cell that starts with one of these signs, also in its full-width
form, or with a control character can be taken for a formula; an apostrophe before it makes it text.
"""

import re

_DANGEROUS = re.compile("'*[=+\\-@＝＋－＠\x00-\x1f\x7f]")


def guard(text: str) -> str:
    """The text as a cell may hold it."""
    return f"'{text}" if _DANGEROUS.match(text) else text


def unguard(cell: str) -> str:
    """The text that a guarded cell holds, and any other text unchanged."""
    return cell[1:] if cell.startswith("'") and _DANGEROUS.match(cell) else cell
