"""The shipped lexicon holds its own rules, and a lexicon that breaks one is told which."""

import subprocess
import sys

import pytest

from ronghe.lexicon import Lexicon, LexiconError, load_lexicon, normal_form, parse_lexicon
from ronghe.methods.skills import SurfaceAutomaton

HEADER = """
[field]
id = "ic"
zh = "集成电路"
en = "Integrated circuits"
context = ["芯片"]

[[group]]
id = "ic.design"
zh = "芯片设计"
en = "Chip design"
"""
VERILOG = """
[[skill]]
id = "ic.verilog"
group = "ic.design"
zh = "Verilog 语言"
en = "Verilog"
en_forms = ["Verilog HDL", "VLOG"]
ambiguous = ["VLOG"]
context = ["HDL"]
cased = ["VLOG"]
esco = "http://data.europa.eu/esco/skill/0005c151-5b5a-4a66-8aac-60e734beb1ab"
"""


@pytest.fixture(scope="module")
def shipped() -> Lexicon:
    return load_lexicon()


@pytest.fixture(scope="module")
def automaton(shipped: Lexicon) -> SurfaceAutomaton:
    return shipped.automaton()


def faults_of(text: str, name: str = "ic.toml") -> str:
    with pytest.raises(LexiconError) as caught:
        parse_lexicon({name: text})
    return str(caught.value)


def test_the_shipped_lexicon_is_as_large_as_promised_and_sound(shipped: Lexicon) -> None:
    assert len(shipped.skills) >= 600
    forms = [form for skill in shipped.skills for form in skill.forms]
    assert len(forms) >= 3000
    assert {field.id for field in shipped.fields} == {
        "ai", "comm", "ecommerce", "embedded", "ic", "infrastructure", "software", "transversal",
    }  # fmt: skip
    for skill in shipped.skills:
        assert skill.group in shipped.groups_by_id
        assert skill.field in shipped.fields_by_id


def test_no_shipped_form_is_a_mere_variant_of_another(shipped: Lexicon) -> None:
    keys = [normal_form(form) for skill in shipped.skills for form in skill.forms]
    assert len(keys) == len(set(keys))


def test_every_unambiguous_shipped_form_is_found_where_it_is_written(
    shipped: Lexicon, automaton: SurfaceAutomaton
) -> None:
    forms = [(form, skill.id) for skill in shipped.skills for form in skill.forms if form not in skill.ambiguous]
    missed = [
        (form, skill_id)
        for (form, skill_id), found in zip(forms, automaton.find_all([form for form, _ in forms]), strict=True)
        if skill_id not in {mention.skill_id for mention in found}
    ]
    assert missed == []


def test_the_version_is_the_content(shipped: Lexicon) -> None:
    assert shipped.version == load_lexicon().version
    one, other = parse_lexicon({"ic.toml": HEADER + VERILOG}), parse_lexicon({"ic.toml": HEADER + VERILOG + "\n# note"})
    assert one.version == other.version
    changed = parse_lexicon({"ic.toml": HEADER + VERILOG.replace("Verilog HDL", "Verilog 2001")})
    assert changed.version != one.version


def test_labels_are_forms_unless_they_explain_themselves() -> None:
    lexicon = parse_lexicon({"ic.toml": HEADER + VERILOG.replace('"Verilog 语言"', '"验证语言（SystemVerilog）"')})
    assert lexicon.by_id["ic.verilog"].forms == ("Verilog", "Verilog HDL", "VLOG")
    assert parse_lexicon({"ic.toml": HEADER + VERILOG}).by_id["ic.verilog"].forms[0] == "Verilog 语言"


def test_a_variant_of_another_form_is_named_with_file_and_entry() -> None:
    message = faults_of(HEADER + VERILOG.replace('"VLOG"]\namb', '"VLOG", "verilog-hdls"]\namb'))
    assert "ic.toml: skill ic.verilog: the form 'verilog-hdls' is the same as 'Verilog HDL'" in message


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('ambiguous = ["VLOG"]', 'ambiguous = ["Vlog"]', "ambiguous lists Vlog"),
        ('cased = ["VLOG"]', 'cased = ["other"]', "cased lists other"),
        ('group = "ic.design"\nzh = "V', 'group = "ic.other"\nzh = "V', "names the group ic.other"),
        ('id = "ic.verilog"', 'id = "soft.verilog"', "the id must read ic.<slug>"),
        ('en = "Verilog"\n', "", "lacks en"),
        ("0005c151-5b5a", "http://0005c151", "is not the address of an ESCO skill"),
        ('context = ["HDL"]', 'contexts = ["HDL"]', "has unknown keys: contexts"),
        ('"VLOG"]\namb', '"VLOG", "- /"]\namb', "has no letter, digit or sign"),
    ],
)
def test_each_broken_rule_is_named(old: str, new: str, complaint: str) -> None:
    text = HEADER + VERILOG
    assert old in text
    message = faults_of(text.replace(old, new))
    assert complaint in message
    assert message.startswith("ic.toml: skill ")


def test_a_skill_that_stands_twice_is_named() -> None:
    assert "skill ic.verilog: stands twice" in faults_of(HEADER + VERILOG + VERILOG)


def test_a_file_that_is_not_toml_is_named() -> None:
    assert faults_of("[field").startswith("ic.toml: file: is not TOML")


def test_a_phrase_of_an_unknown_kind_is_named() -> None:
    assert "phrases.toml: phrase 1: kind must be one of" in faults_of(
        '[[phrase]]\nkind = "joke"\ntexts = ["x"]', "phrases.toml"
    )


def test_a_yielding_text_that_is_no_form_is_named() -> None:
    with pytest.raises(LexiconError, match=r"phrases\.toml: yields 软件: is no form of any skill"):
        parse_lexicon({"ic.toml": HEADER + VERILOG, "phrases.toml": '[[phrase]]\nkind = "yields"\ntexts = ["软件"]'})


def test_a_yielding_text_marks_its_form() -> None:
    lexicon = parse_lexicon(
        {"ic.toml": HEADER + VERILOG, "phrases.toml": '[[phrase]]\nkind = "yields"\ntexts = ["Verilog"]'}
    )
    assert [form.text for form in lexicon.surface_forms() if form.yields] == ["Verilog"]


def test_all_faults_come_at_once() -> None:
    broken = HEADER + VERILOG.replace('group = "ic.design"\nzh', 'group = "ic.x"\nzh').replace(
        'cased = ["VLOG"]', 'cased = ["x"]'
    )
    assert len(faults_of(broken).splitlines()) == 2


def test_loading_and_searching_need_no_django() -> None:
    program = (
        "import sys; from ronghe.lexicon import load_lexicon; load_lexicon().automaton().find('Python');"
        "sys.exit('django' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
