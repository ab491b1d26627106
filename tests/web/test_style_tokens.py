"""The colours of the design system: every pair that meets on a page is legible (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re
from pathlib import Path

import pytest

from ronghe import web

CSS = Path(web.__file__).parent / "static/ronghe/css"
TOKEN = re.compile(r"--([\w-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)")
SCHEMES = ("light", "dark")


def _tokens() -> dict[str, tuple[str, str]]:
    return {
        name: (light, dark) for name, light, dark in TOKEN.findall((CSS / "tokens.css").read_text(encoding="utf-8"))
    }


def _luminance(colour: str) -> float:
    channels = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(first: str, second: str) -> float:
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


TEXT = [
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in ("paper", "surface", "sunk")),
    *(
        (ink, ground)
        for ink in ("accent", "ok", "warn", "bad", "none", "second", "third")
        for ground in ("paper", "surface")
    ),
    *((tone, f"{tone}-soft") for tone in ("accent", "ok", "warn", "bad", "second", "third")),
    *(("ink", f"{tone}-soft") for tone in ("accent", "ok", "warn", "bad", "second", "third")),
    *(("ink-2", f"{tone}-soft") for tone in ("accent", "ok", "warn", "bad", "second", "third")),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-bad", "bad"),
    ("paper", "ink"),
    *(("heat-ink-low", f"heat-{level}") for level in range(4)),
    *(("heat-ink-high", f"heat-{level}") for level in range(4, 7)),
]
CONTROLS = [(edge, ground) for edge in ("line-strong", "accent", "bad") for ground in ("paper", "surface")]


def test_the_formula_gives_the_published_extremes() -> None:
    assert _contrast("#000000", "#ffffff") == pytest.approx(21)
    assert _contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_is_legible_on_its_ground(ink: str, ground: str, scheme: str) -> None:
    tokens, index = _tokens(), SCHEMES.index(scheme)
    assert _contrast(tokens[ink][index], tokens[ground][index]) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("edge", "ground"), CONTROLS)
def test_the_edge_of_a_control_can_be_seen(edge: str, ground: str, scheme: str) -> None:
    tokens, index = _tokens(), SCHEMES.index(scheme)
    assert _contrast(tokens[edge][index], tokens[ground][index]) >= 3


@pytest.mark.parametrize("path", sorted(CSS.glob("*.css")), ids=lambda path: path.name)
def test_only_tokens_decide_colours(path: Path) -> None:
    if path.name in {"tokens.css", "print.css"}:
        return
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=\s*[;,)])|\brgba?\(|\bhsl\(", text) == []


@pytest.mark.parametrize("path", sorted(CSS.glob("*.css")), ids=lambda path: path.name)
def test_every_token_that_is_used_exists(path: Path) -> None:
    every = "\n".join(other.read_text(encoding="utf-8") for other in CSS.glob("*.css"))
    defined = set(re.findall(r"(--[\w-]+)\s*:", every))
    assert set(re.findall(r"var\((--[\w-]+)", path.read_text(encoding="utf-8"))) <= defined
