"""The colours of mails and pages, light and dark. Tests hold every pair to WCAG's 4.5 : 1."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """One scheme. `k` to `i` are the classes that core.markdown.highlight gives to code."""

    ground: str
    ink: str
    muted: str
    line: str
    accent: str
    button: str
    button_ink: str
    code: str
    note: str
    tip: str
    warning: str
    k: str
    s: str
    c: str
    m: str
    f: str
    d: str
    d_ground: str
    i: str
    i_ground: str


LIGHT = Palette(
    ground="#ffffff",
    ink="#1c2024",
    muted="#5c6269",
    line="#d9dcdf",
    accent="#9a3b0a",
    button="#9a3b0a",
    button_ink="#ffffff",
    code="#f5f4f1",
    note="#1d5c9e",
    tip="#1c6b41",
    warning="#8a4b00",
    k="#8a2c6d",
    s="#22663d",
    c="#646a70",
    m="#1a5a99",
    f="#6340a3",
    d="#9c1f1f",
    d_ground="#fbe7e5",
    i="#14602f",
    i_ground="#e1f3e5",
)
DARK = Palette(
    ground="#15181b",
    ink="#e7e9eb",
    muted="#a4abb2",
    line="#363c42",
    accent="#f2a477",
    button="#f2a477",
    button_ink="#1c1208",
    code="#1f2428",
    note="#8cc0f5",
    tip="#86d3a4",
    warning="#eebb6d",
    k="#ee9fd0",
    s="#98d8ab",
    c="#a0a8af",
    m="#8fc4f7",
    f="#c8aef7",
    d="#ffb8b0",
    d_ground="#452124",
    i="#a4e3b4",
    i_ground="#193a26",
)


def as_context() -> dict[str, dict[str, str]]:
    """Both schemes for a template: `light.ink`, `dark.ink` and so on."""
    return {"light": asdict(LIGHT), "dark": asdict(DARK)}
