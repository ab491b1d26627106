"""The dictionary pass: what matches, what does not, and where the spans lie."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronghe.methods.skills import SurfaceAutomaton, clauses, normal_form, sentences
from tests.methods.skill_forms import FORMS, form, small_automaton


@pytest.fixture(scope="module")
def automaton() -> SurfaceAutomaton:
    return small_automaton()


def named(automaton: SurfaceAutomaton, text: str) -> list[tuple[str, str]]:
    return [(text[mention.start : mention.end], mention.skill_id) for mention in automaton.find(text)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Node.js", "node JS"),
        ("Node.js", "NODEJS"),
        ("databases", "data-base"),
        ("Library", "libraries"),
        ("Process", "processes"),
        ("ＦＰＧＡ", "fpga"),
        ("机器 学习", "机器学习"),
        ("I/O", "i o"),
    ],
)
def test_spellings_of_one_name_have_one_normal_form(one: str, other: str) -> None:
    assert normal_form(one) == normal_form(other)


@pytest.mark.parametrize(
    ("one", "other"), [("C", "C++"), ("C", "C#"), ("CSS", "C"), ("SAS", "SASE"), ("Redis", "Redi")]
)
def test_different_names_have_different_normal_forms(one: str, other: str) -> None:
    assert normal_form(one) != normal_form(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("熟悉Python编程", [("Python", "software.python")]),
        ("熟悉ＰＹＴＨＯＮ 编程", [("ＰＹＴＨＯＮ", "software.python")]),
        ("Node. Js", []),
        ("we use node-js daily", [("node-js", "software.nodejs")]),
        ("Machine\nLearning", [("Machine\nLearning", "ai.ml")]),
        ("machine-learning, neural   networks", [("machine-learning", "ai.ml"), ("neural   networks", "ai.nn")]),
        ("relational DATABASES and libraries", [("DATABASES", "software.database"), ("libraries", "software.library")]),
        ("data base design", [("data base", "software.database")]),
        ("机器 学习", [("机器 学习", "ai.ml")]),
        ("PCB 设计", [("PCB 设计", "embedded.pcb")]),
        ("Angular2 and Angular 12", [("Angular", "software.angular"), ("Angular", "software.angular")]),
        ("two FPGAs", [("FPGAs", "ic.fpga")]),
        ("I / O and i/o", [("I / O", "embedded.io"), ("i/o", "embedded.io")]),
        ("U.I.", [("U.I", "software.ui")]),
        ("6Σ管理", [("6Σ", "transversal.six-sigma")]),
    ],
)
def test_case_width_spacing_hyphens_and_plurals_do_not_matter(
    automaton: SurfaceAutomaton, text: str, expected: list[tuple[str, str]]
) -> None:
    assert named(automaton, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "pythonic",
        "JavaScripts2015x",
        "experience in design",
        "machine. Learning",
        "machine\n\nlearning",
        "machine, learning",
        "machine\n- learning",
        "machine - learning",
        "interest and rest and Rest",
        "the .network",
        "example.net",
        "XPCB设计",
    ],
)
def test_what_only_looks_like_a_form_is_none(automaton: SurfaceAutomaton, text: str) -> None:
    assert named(automaton, text) == []


def test_the_longest_form_wins_and_then_the_leftmost(automaton: SurfaceAutomaton) -> None:
    assert named(automaton, "JavaScript, Java") == [("JavaScript", "software.javascript"), ("Java", "software.java")]
    assert named(automaton, "精通信号处理") == [("信号处理", "comm.dsp")]
    assert named(automaton, "嵌入式Linux开发") == [("嵌入式Linux", "embedded.linux-embedded")]
    assert named(automaton, "ASP.NET") == [("ASP.NET", "software.aspnet")]


def test_an_idiom_hides_the_form_inside_it(automaton: SurfaceAutomaton) -> None:
    assert named(automaton, "精通英语") == []
    assert named(automaton, "Python, Java; we Go live with Python") == [
        ("Python", "software.python"),
        ("Java", "software.java"),
        ("Python", "software.python"),
    ]


def test_signs_tell_languages_apart(automaton: SurfaceAutomaton) -> None:
    assert named(automaton, "C/C++/C#, Java") == [
        ("C", "embedded.c"),
        ("C++", "embedded.cpp"),
        ("C#", "software.csharp"),
        ("Java", "software.java"),
    ]
    assert named(automaton, "C++11") == [("C++", "embedded.cpp")]


def test_a_form_with_a_leading_dot_needs_it(automaton: SurfaceAutomaton) -> None:
    assert named(automaton, "in .NET and C#") == [(".NET", "software.dotnet"), ("C#", "software.csharp")]
    assert named(automaton, "the net and C#") == [("C#", "software.csharp")]


def test_an_ambiguous_form_counts_only_where_the_context_speaks_for_it(automaton: SurfaceAutomaton) -> None:
    assert named(automaton, "Go away") == []
    assert ("Go", "software.go") in named(automaton, "Python, Go, Java")
    assert named(automaton, "Go with goroutine") == [("Go", "software.go")]
    assert named(automaton, "R in the alphabet, and then Python") == [("Python", "software.python")]
    assert named(automaton, "熟悉Spring框架") == [("Spring", "software.spring")]
    assert named(automaton, "spring in Paris, for a software engineer") == []
    assert ("Go", "software.go") not in named(automaton, "Python, go, Java")


def test_an_ambiguous_form_has_a_score_between_a_half_and_one(automaton: SurfaceAutomaton) -> None:
    scores = {mention.skill_id: mention.score for mention in automaton.find("Python, Go, Java")}
    assert scores["software.python"] == 1.0
    assert 0.5 < scores["software.go"] < 1.0


def test_a_lone_letter_beside_an_apostrophe_or_hyphen_is_no_language(automaton: SurfaceAutomaton) -> None:
    assert named(automaton, "Python, C-level, Java") == [("Python", "software.python"), ("Java", "software.java")]
    assert named(automaton, "Python, R&D, Java") == [("Python", "software.python"), ("Java", "software.java")]


def test_negated_skills_are_left_out_and_only_those(automaton: SurfaceAutomaton) -> None:
    assert named(automaton, "无需Python，熟悉Java") == [("Java", "software.java")]
    assert named(automaton, "Java is not required. Python is.") == [("Python", "software.python")]
    assert named(automaton, "no experience in Java or Python, but JavaScript") == [
        ("JavaScript", "software.javascript")
    ]


def test_what_describes_the_firm_is_not_asked_for(automaton: SurfaceAutomaton) -> None:
    assert named(automaton, "1. 本公司FPGA产品齐全，熟悉Java") == [("Java", "software.java")]
    assert named(automaton, "维护本公司FPGA") == [("FPGA", "ic.fpga")]


def test_a_foreign_name_asked_for_in_chinese_needs_no_other_context(automaton: SurfaceAutomaton) -> None:
    assert named(automaton, "会 Go") == [("Go", "software.go")]
    assert named(automaton, "熟悉Spring") == [("Spring", "software.spring")]
    assert named(automaton, "公司附近有Spring酒吧") == []
    assert named(automaton, "会GO") == []
    assert named(automaton, "experience with Spring") == []


def test_what_a_title_is_made_of_is_not_asked_for(automaton: SurfaceAutomaton) -> None:
    assert named(automaton, "Python工程师，熟悉Java") == [("Java", "software.java")]
    assert named(automaton, "熟悉PCB设计的Java软件开发工程师") == [("PCB设计", "embedded.pcb")]
    assert named(automaton, "工程师懂Python") == [("Python", "software.python")]


def test_a_form_that_yields_counts_alone_but_not_where_it_touches_another_skill(automaton: SurfaceAutomaton) -> None:
    assert named(automaton, "负责软件开发") == [("软件开发", "software.engineering")]
    assert named(automaton, "变频器软件开发") == [("变频器", "embedded.drives")]
    assert named(automaton, "变频器、软件开发") == [("变频器", "embedded.drives"), ("软件开发", "software.engineering")]


def test_spans_point_into_the_text_as_given_when_characters_expand(automaton: SurfaceAutomaton) -> None:
    text = "㍿ ½ Python™、ﬁrm Java"
    assert named(automaton, text)[-1] == ("Java", "software.java")


def test_one_text_does_not_speak_into_the_next(automaton: SurfaceAutomaton) -> None:
    together = automaton.find_all(["Go", "Python, Java", "machine", "learning", "", "无需", "Java"])
    assert [[mention.skill_id for mention in found] for found in together] == [
        [],
        ["software.python", "software.java"],
        [],
        [],
        [],
        [],
        ["software.java"],
    ]


def test_the_same_texts_give_the_same_mentions_alone_and_in_a_batch(automaton: SurfaceAutomaton) -> None:
    texts = ["Python, Go", "熟悉机器学习", "½ Java", "", "x" * 5000, "C++ and R语言"] * 300
    assert automaton.find_all(texts) == [automaton.find(text) for text in texts[:6]] * 300


def test_the_table_says_what_the_lists_say(automaton: SurfaceAutomaton) -> None:
    texts = ["Python, Go, Java", "", "½ Java"]
    table = automaton.find_table(texts)
    listed = [
        (owner, mention.start, mention.end, mention.form)
        for owner, found in enumerate(automaton.find_all(texts))
        for mention in found
    ]
    forms = [automaton.forms[number].text for number in table.form.tolist()]
    rows = zip(table.owner.tolist(), table.start.tolist(), table.end.tolist(), forms, strict=True)
    assert list(rows) == listed


def test_a_lexicon_without_forms_is_refused() -> None:
    with pytest.raises(ValueError, match="without a single surface form"):
        SurfaceAutomaton([])


def test_a_form_of_separators_alone_is_refused() -> None:
    with pytest.raises(ValueError, match="separators only"):
        SurfaceAutomaton([form("Python"), form("- /")])


PIECES = st.sampled_from(
    [entry.text for entry in FORMS]
    + [
        " ",
        ", ",
        "、",
        "-",
        ".",
        "\n",
        "½",
        "熟悉",
        "experience with ",
        "go",
        "ＡＢ",
        "’s ",
        "not required",
        "é",
        "\u200b",
        "2",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_every_span_spells_its_form_and_none_overlap(automaton: SurfaceAutomaton, text: str) -> None:
    end = 0
    for mention in automaton.find(text):
        assert end <= mention.start < mention.end <= len(text)
        end = mention.end
        assert normal_form(text[mention.start : mention.end]) == normal_form(mention.form)
        assert 0 < mention.score <= 1


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_at_all_can_be_searched(automaton: SurfaceAutomaton, text: str) -> None:
    for mention in automaton.find(text):
        assert text[mention.start : mention.end]


def test_sentences_and_clauses_are_cut_in_both_languages() -> None:
    text = "熟悉Python、Java，了解C++；会3.5版。Good at R. Knows v2.0"
    assert [text[start:end] for start, end in sentences(text)] == [
        "熟悉Python、Java，了解C++",
        "会3.5版",
        "Good at R",
        "Knows v2.0",
    ]
    assert [text[start:end] for start, end in clauses(text)][:2] == ["熟悉Python、Java", "了解C++"]
