"""The stylesheet of the pages: the palette of the mails, and contrast in both schemes."""

import re
from dataclasses import asdict

import pytest
from django.conf import settings

from apps.core.palette import DARK, LIGHT
from tests.looks import contrast

CSS = (settings.BASE_DIR / "templates" / "static" / "site.css").read_text()
ON_GROUND = ("ink", "muted", "accent", "warning")
ON_CODE = ("ink", "muted", "accent", "note", "tip", "warning", "k", "s", "c", "m", "f")


def _declared(block: str) -> dict[str, str]:
    return {
        name.replace("-", "_"): value
        for name, value in re.findall(r"--([a-z-]+):\s*(#\w+);", block)
    }


def test_both_schemes_have_the_colours_of_the_palette():
    light, dark = re.findall(r":root \{([^}]*)\}", CSS)

    assert _declared(light) == asdict(LIGHT)
    assert _declared(dark) == asdict(DARK)


def test_no_colour_is_written_down_twice():
    rules = CSS.partition("}\n}")[2]

    assert re.findall(r"#[0-9a-f]{3,8}\b", rules) == []


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_every_pair_that_occurs_can_be_read(palette):
    colours = asdict(palette)
    pairs = [
        *((ink, "ground") for ink in ON_GROUND),
        *((ink, "code") for ink in ON_CODE),
        ("button_ink", "button"),
        ("d", "d_ground"),
        ("i", "i_ground"),
    ]

    faint = [pair for pair in pairs if contrast(colours[pair[0]], colours[pair[1]]) < 4.5]
    assert faint == []


def test_nothing_is_loaded():
    assert re.findall(r"url\(|@import|@font-face", CSS) == []
