"""Compiles the translation catalogues with a Python library, so that a fresh clone needs no gettext tools.

Run as `python -m ronghe.web.catalogues`; `make` does so whenever a catalogue has changed.
"""

from pathlib import Path

import polib

PACKAGE = Path(__file__).resolve().parents[1]


def compile_catalogues(root: Path = PACKAGE) -> list[Path]:
    """Write a `.mo` beside every `.po` below `root` that has changed since; return those written."""
    written = []
    for source in sorted(root.glob("**/LC_MESSAGES/*.po")):
        compiled = source.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
            continue
        polib.pofile(str(source), encoding="utf-8").save_as_mofile(str(compiled))
        written.append(compiled)
    return written


if __name__ == "__main__":
    compile_catalogues()
