"""ESCO's and O*NET's own files are read, and linked to the lexicon by the stated rules."""

from pathlib import Path

import pytest

from ronghe.lexicon import (
    EscoSkill,
    TechnologyExample,
    crosswalk,
    load_lexicon,
    parse_lexicon,
    read_esco_skills,
    read_occupations,
    read_technology_examples,
)
from tests.need import shared

URI = "http://data.europa.eu/esco/skill/"
LEXICON = f"""
[field]
id = "ic"
zh = "集成电路"
en = "Integrated circuits"
[[group]]
id = "ic.design"
zh = "芯片设计"
en = "Chip design"
[[skill]]
id = "ic.stated"
group = "ic.design"
zh = "甲"
en = "Whatever"
esco = "{URI}a1"
[[skill]]
id = "ic.labelled"
group = "ic.design"
zh = "乙"
en = "Circuit Diagrams"
[[skill]]
id = "ic.formed"
group = "ic.design"
zh = "丙"
en = "Drawing of boards"
en_forms = ["board drawing", "ALLEGRO"]
ambiguous = ["ALLEGRO"]
[[skill]]
id = "ic.alone"
group = "ic.design"
zh = "丁"
en = "Nothing alike"
"""


def test_links_follow_the_rules_in_order() -> None:
    esco = [
        EscoSkill(f"{URI}a1", ("something else",), "knowledge"),
        EscoSkill(f"{URI}b2", ("circuit-diagram",), "knowledge"),
        EscoSkill(f"{URI}b3", ("other", "circuit diagrams"), "knowledge"),
        EscoSkill(f"{URI}c4", ("draw", "Board drawings"), "skill/competence"),
    ]
    onet = [
        TechnologyExample("Allegro", "1", "Music", False, False, ("11",)),
        TechnologyExample("Board Drawing", "2", "CAD", True, False, ("11",)),
    ]
    links = crosswalk(parse_lexicon({"ic.toml": LEXICON}), esco, onet)
    assert [(link.skill_id, link.scheme, link.target.removeprefix(URI), link.method) for link in links] == [
        ("ic.stated", "esco", "a1", "stated"),
        ("ic.labelled", "esco", "b2", "label"),
        ("ic.formed", "esco", "c4", "form"),
        ("ic.formed", "onet", "Board Drawing", "form"),
    ]


def test_a_stated_address_that_the_file_lacks_is_left_out() -> None:
    assert crosswalk(parse_lexicon({"ic.toml": LEXICON}), [], []) == []


def test_esco_rows_keep_their_labels_and_unreleased_ones_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "skills_en.csv"
    path.write_text(
        "conceptType,conceptUri,skillType,preferredLabel,altLabels,status\n"
        f'K,{URI}a1,knowledge,Java,"java se\nJava\njava ee",released\n'
        f"K,{URI}a2,knowledge,Old,,draft\n",
        encoding="utf-8-sig",
    )
    assert list(read_esco_skills(path)) == [EscoSkill(f"{URI}a1", ("Java", "java se", "java ee"), "knowledge")]


def test_onet_technologies_are_merged_over_occupations(tmp_path: Path) -> None:
    path = tmp_path / "Technology Skills.txt"
    header = "O*NET-SOC Code\tExample\tCommodity Code\tCommodity Title\tHot Technology\tIn Demand\n"
    path.write_text(
        header + '15-2\t12" tools\t43\tTools\tN\tN\n15-1\tPython\t42\tCode\tY\tN\n13-1\tPython\t42\tCode\tN\tY\n',
        encoding="utf-8",
    )
    assert read_technology_examples(path) == [
        TechnologyExample('12" tools', "43", "Tools", False, False, ("15-2",)),
        TechnologyExample("Python", "42", "Code", True, True, ("13-1", "15-1")),
    ]


def test_a_file_of_another_kind_is_refused_with_the_missing_columns(tmp_path: Path) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"wrong\.csv is not an ESCO skills file: it has no column conceptUri"):
        list(read_esco_skills(path))
    with pytest.raises(ValueError, match=r"no column O\*NET-SOC Code"):
        read_technology_examples(path)


def test_the_originals_are_read_and_every_stated_address_exists() -> None:
    concepts = list(read_esco_skills(shared("data/esco/skills_en.csv")))
    technologies = read_technology_examples(shared("data/onet/Technology Skills.txt"))
    occupations = read_occupations(shared("data/onet/Occupation Data.txt"))
    assert len(concepts) > 13_000
    assert len(technologies) > 8_000
    assert len(occupations) > 1_000
    lexicon = load_lexicon()
    addresses = {concept.uri for concept in concepts}
    assert [skill.id for skill in lexicon.skills if skill.esco and skill.esco not in addresses] == []
    links = crosswalk(lexicon, concepts, technologies)
    assert len({link.skill_id for link in links if link.scheme == "esco"}) > 150
    assert len({link.skill_id for link in links if link.scheme == "onet"}) > 100
