"""What lists and pages show in place of bare columns."""

from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

_DETAIL_LENGTH = 120


def badge(text: str, tone: str = "") -> SafeString:
    """A word in a small field; tones: `success`, `info`, `warning`, `danger`, `primary` or none."""
    return SafeString(
        render_to_string("unfold/helpers/label.html", {"text": text, "type": tone}).strip()
    )


def link(url: str, text: str) -> SafeString:
    """A link that looks like one."""
    classes = "font-medium text-primary-600 dark:text-primary-500 hover:underline"
    return format_html('<a class="{}" href="{}">{}</a>', classes, url, text)


def one_line(detail: Mapping[str, Any]) -> str:
    """A detail's facts, one after the other, cut where a list would grow too wide."""
    line = " · ".join(f"{name}: {value}" for name, value in detail.items())
    return line if len(line) <= _DETAIL_LENGTH else f"{line[: _DETAIL_LENGTH - 1]}…"
