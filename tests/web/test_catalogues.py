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


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.parts[-5])
def test_no_string_of_an_app_is_missing_from_its_catalogue(catalogue: Path, tmp_path: Path) -> None:
    need(shutil.which("xgettext"), "gettext's tools are not on this machine")
    app = tmp_path / "app"
    shutil.copytree(SOURCE / catalogue.parts[0] / (catalogue.parts[1] if catalogue.parts[0] == "apps" else ""), app)
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
        cwd=app,
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "RONGHE_DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": str(PROJECT / "src")},
    )
    assert ended.returncode == 0, ended.stderr
    found = polib.pofile(str(app / "locale/zh_Hans/LC_MESSAGES/django.po"), encoding="utf-8")
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
