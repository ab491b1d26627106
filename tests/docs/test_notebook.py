"""The example notebook prints what is stored in it, and its sample tables are what their generator writes."""

import importlib.resources
import importlib.util
import json
import random
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from types import ModuleType

import pytest

from ronghe.cli import main
from tests.docs.notebooks import run_cell
from tests.need import PROJECT

EXAMPLES = PROJECT / "examples"
NOTEBOOKS = sorted(EXAMPLES.glob("*.ipynb"))


def generator() -> ModuleType:
    """The script that writes the samples."""
    spec = importlib.util.spec_from_file_location("generate", EXAMPLES / "generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.name)
def test_every_cell_prints_what_is_stored(notebook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLES)
    names: dict[str, object] = {"__name__": "__main__"}
    cells = [cell for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert len(cells) >= 5
    for cell in cells:
        printed, value = run_cell("".join(cell["source"]), names)
        stored = {output["output_type"]: output for output in cell["outputs"]}
        assert printed == "".join(stored.get("stream", {"text": []})["text"])
        result = stored.get("execute_result")
        assert value == (None if result is None else "".join(result["data"]["text/plain"]))


def test_the_sample_tables_are_what_their_generator_writes(tmp_path: Path) -> None:
    script = generator()
    for name, make in script.TABLES.items():
        assert name.startswith("generated-")
        if name.endswith(".csv"):
            script.write(tmp_path / name, make(random.Random(name)))
            assert (tmp_path / name).read_bytes() == (EXAMPLES / name).read_bytes()


@pytest.mark.parametrize(
    "call",
    [
        ("ahp", "generated-judgments.csv"),
        ("delphi", "generated-answers.csv"),
        ("survival", "generated-durations.csv", "--at", "12"),
        ("effect", "generated-panel.csv"),
        ("index", "generated-values.csv", "--cut-off", "2026-08-31"),
        ("maturity", "generated-evidence.xlsx", "--as-of", "2026-08-31"),
    ],
    ids=lambda call: call[0],
)
def test_every_sample_table_is_answered_and_drawn(
    call: tuple[str, ...], tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    drawing = tmp_path / "drawing.svg"
    assert main([call[0], str(EXAMPLES / call[1]), *call[2:], "--svg", str(drawing)]) == 0
    answer = capfdbinary.readouterr().out.decode()
    assert "Method 方法" in answer
    assert ElementTree.parse(drawing).getroot().tag.endswith("svg")
    # The one block of the how-to in no language is what the first command answers.
    blocks = (PROJECT / "docs/how-to/evaluate-with-a-spreadsheet.md").read_text(encoding="utf-8").split("```")[1::2]
    (shown,) = [block.removeprefix("\n") for block in blocks if block.startswith("\n")]
    assert (shown in answer) == (call[0] == "ahp")


def test_the_package_says_that_it_is_typed() -> None:
    assert importlib.resources.files("ronghe").joinpath("py.typed").is_file()
