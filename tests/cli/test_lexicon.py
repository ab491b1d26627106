"""`ronghe lexicon`: check, stats and crosswalk."""

import csv
import io
import json
from pathlib import Path

import pytest

from ronghe.lexicon import LexiconError, LexiconFault, load_lexicon
from tests.cli.conftest import Run


def test_the_lexicon_that_ships_is_sound_and_of_the_size_promised(run: Run) -> None:
    finished = run("lexicon", "check")
    assert finished.returncode == 0
    said = finished.stdout.decode()
    assert said.endswith("nothing wrong\n")
    numbers = [int(word.replace(",", "")) for word in said.split() if word.replace(",", "").isdigit()]
    known = load_lexicon()
    assert numbers[:3] == [len(known.skills), len(known.groups), len(known.fields)]
    assert numbers[0] >= 600
    assert numbers[3] >= 3000


def test_faults_of_the_lexicon_are_listed_and_counted(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise LexiconError([LexiconFault("ic.toml", "skill ic.x", "lacks zh"), LexiconFault("ai.toml", "file", "torn")])

    monkeypatch.setattr("ronghe.cli.lexicon.load_lexicon", broken)
    finished = run("lexicon", "check")
    assert finished.returncode == 1
    assert finished.stdout.decode().splitlines() == [
        "ic.toml: skill ic.x: lacks zh",
        "ai.toml: file: torn",
        "the lexicon breaks its own rules in 2 places",
    ]


def test_stats_count_what_fires_by_language_and_field(run: Run, tmp_path: Path) -> None:
    first, second = tmp_path / "a.csv", tmp_path / "b.jsonl"
    first.write_text("text\n熟悉 Kubernetes 与 Git\nKubernetes\n", "utf-8")
    second.write_text('{"正文": "负责时序收敛"}\n{"正文": "欢迎来坐坐"}\n', "utf-8")
    finished = run("lexicon", "stats", first, second, "--format", "json", "--quiet")
    assert finished.returncode == 0, finished.stderr.decode()
    found = json.loads(finished.stdout)
    assert (found["advertisements"], found["without_skills"]) == (4, 1)
    assert found["fired"][0] == {"skill": "infrastructure.kubernetes", "form": "Kubernetes", "mentions": 2}
    parts = found["parts"]
    assert parts["all"]["mentions"] == 4
    assert (parts["Chinese"]["forms_fired"], parts["other"]["forms_fired"]) == (1, 2)
    assert (parts["ic"]["mentions"], parts["infrastructure"]["mentions"]) == (1, 2)
    assert parts["all"]["forms"] == parts["all"]["forms_fired"] + len(found["never"])
    assert parts["all"]["skills"] == len(load_lexicon().skills)

    shown = run("lexicon", "stats", first, second, "--top", "1").stdout.decode()
    assert "4 advertisements, 1.0 mentions in each on average; 1 name no skill" in shown
    assert "Kubernetes 容器编排" in shown
    never = run("lexicon", "stats", first, "--never").stdout.decode().splitlines()
    assert len(never) == parts["all"]["forms"] - 2
    assert "software.git\tGit" not in never


ESCO = (
    "conceptType,conceptUri,skillType,preferredLabel,altLabels,status\n"
    'KnowledgeSkillCompetence,http://data.europa.eu/esco/skill/x1,knowledge,Kubernetes,"k8s clusters\nother",released\n'
)
ONET = (
    "O*NET-SOC Code\tExample\tCommodity Code\tCommodity Title\tHot Technology\tIn Demand\n"
    "15-1252.00\tGit\t43232408\tFile versioning software\tY\tY\n"
)


def test_the_crosswalk_is_written_from_the_original_files(run: Run, tmp_path: Path) -> None:
    (tmp_path / "skills_en.csv").write_text(ESCO, "utf-8")
    (tmp_path / "Technology Skills.txt").write_text(ONET, "utf-8")
    out = tmp_path / "links.csv"
    finished = run("lexicon", "crosswalk", "--esco", tmp_path, "--onet", tmp_path, "--out", out)
    assert finished.returncode == 0, finished.stderr.decode()
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8-sig"), newline="")))
    assert {(row["skill_id"], row["scheme"], row["target"], row["method"]) for row in rows} == {
        ("infrastructure.kubernetes", "esco", "http://data.europa.eu/esco/skill/x1", "label"),
        ("software.git", "onet", "Git", "label"),
    }
    assert "esco: 1 of" in finished.stderr.decode()


def test_a_crosswalk_without_its_originals_says_what_is_missing(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "links.csv"
    finished = run("lexicon", "crosswalk", "--out", out)
    assert finished.returncode == 2
    assert "--esco DIR" in finished.stderr.decode()
    finished = run("lexicon", "crosswalk", "--esco", tmp_path, "--out", out)
    assert finished.returncode == 2
    assert "there is no skills_en.csv in" in finished.stderr.decode()
    (tmp_path / "skills_en.csv").write_text("a,b\n1,2\n", "utf-8")
    finished = run("lexicon", "crosswalk", "--esco", tmp_path, "--out", out)
    assert finished.returncode == 2
    assert "is not an ESCO skills file" in finished.stderr.decode()
    assert not out.exists()
