"""Chinese is the first language: every string that a page or a service can show has its Chinese."""

import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest

from tests.need import PROJECT, need

SOURCE = PROJECT / "src" / "ronghe"
CATALOGUES = sorted(path.relative_to(SOURCE) for path in SOURCE.glob("**/locale/zh_Hans/LC_MESSAGES/django.po"))


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.parts[-5])
def test_every_entry_of_a_catalogue_is_translated_and_keeps_its_placeholders(catalogue: Path) -> None:
    for entry in polib.pofile(str(SOURCE / catalogue), encoding="utf-8"):
        if entry.obsolete:
            continue
        assert "fuzzy" not in entry.flags, entry.msgid
        assert entry.msgstr or all(entry.msgstr_plural.values()), f"{catalogue}: {entry.msgid!r} has no Chinese"


@pytest.fixture(scope="module")
def found_in_the_code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source whose catalogues hold what gettext finds in it now, all written by one run."""
    need(shutil.which("xgettext"), "gettext's tools are not on this machine")
    folder = tmp_path_factory.mktemp("catalogues")
    source = folder / "ronghe"
    shutil.copytree(SOURCE, source, ignore=shutil.ignore_patterns("static", "data", "samples", "__pycache__", "*.mo"))
    # For what lies outside the apps.
    (source / "locale").mkdir()
    ended = subprocess.run(
        [
            sys.executable,
            "-P",
            "-m",
            "django",
            "makemessages",
            "--locale",
            "zh_Hans",
            "--settings",
            "ronghe.web.settings",
        ],
        cwd=source,
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "RONGHE_DATA_DIR": str(folder / "data"), "PYTHONPATH": str(PROJECT / "src")},
    )
    assert ended.returncode == 0, ended.stderr
    return source


@pytest.mark.xdist_group("catalogues")
@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.parts[-5])
def test_no_string_of_an_app_is_missing_from_its_catalogue(catalogue: Path, found_in_the_code: Path) -> None:
    found = polib.pofile(str(found_in_the_code / catalogue), encoding="utf-8")
    missing = [entry.msgid for entry in found if not entry.obsolete and not entry.translated()]
    assert missing == []


def test_one_english_string_has_one_chinese_in_all_catalogues() -> None:
    # The catalogues are merged: of two translations one would show everywhere. A context tells meanings apart.
    known: dict[tuple[str | None, str], str] = {}
    for catalogue in CATALOGUES:
        for entry in polib.pofile(str(SOURCE / catalogue), encoding="utf-8"):
            if not entry.obsolete:
                chinese = entry.msgstr or str(entry.msgstr_plural)
                assert known.setdefault((entry.msgctxt, entry.msgid), chinese) == chinese, entry.msgid
