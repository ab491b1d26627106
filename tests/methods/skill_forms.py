"""A small lexicon for the tests of extraction: enough of every rule, none of the shipped entries' changes."""

from ronghe.methods.skills import CuePhrase, SurfaceAutomaton, SurfaceForm


def form(text: str, skill: str = "", **traits: object) -> SurfaceForm:
    """Return a form of the skill `field.slug` (by default named after the text) in the group `field.main`."""
    identifier = skill or f"software.{text.lower().replace(' ', '-')}"
    field = identifier.partition(".")[0]
    return SurfaceForm(text, identifier, f"{field}.main", field, **traits)  # type: ignore[arg-type]


FORMS = [
    form("Python"),
    form("Java"),
    form("JavaScript"),
    form("Node.js", "software.nodejs"),
    form("C", "embedded.c", ambiguous=True, cased=True),
    form("C++", "embedded.cpp"),
    form("C#", "software.csharp"),
    form("R", "ai.r", ambiguous=True, cased=True),
    form("R语言", "ai.r"),
    form("Go", "software.go", ambiguous=True, cased=True, context=("goroutine",)),
    form(".NET", "software.dotnet"),
    form("ASP.NET", "software.aspnet"),
    form("Angular"),
    form("REST", "software.rest", cased=True),
    form("InDesign", "ecommerce.indesign"),
    form("machine learning", "ai.ml"),
    form("机器学习", "ai.ml"),
    form("neural network", "ai.nn"),
    form("database", "software.database"),
    form("library", "software.library"),
    form("FPGA", "ic.fpga"),
    form("通信", "comm.basics"),
    form("信号处理", "comm.dsp"),
    form("PCB设计", "embedded.pcb"),
    form("Linux", "embedded.linux"),
    form("嵌入式Linux", "embedded.linux-embedded"),
    form("I/O", "embedded.io"),
    form("6σ", "transversal.six-sigma"),
    form("软件开发", "software.engineering", yields=True),
    form("变频器", "embedded.drives"),
    form("UI", "software.ui", cased=True),
    form("Spring", "software.spring", ambiguous=True, context=("bean", "框架")),
]
CUES = [
    CuePhrase("精通", "idiom"),
    CuePhrase("go live", "idiom"),
    CuePhrase("无需", "negates_after"),
    CuePhrase("no experience in", "negates_after"),
    CuePhrase("not required", "negates_before"),
    CuePhrase("本公司", "describes"),
    CuePhrase("工程师", "titles"),
    CuePhrase("experience with", "asks_for"),
    CuePhrase("熟悉", "asks_for"),
]
FIELD_CONTEXT = {"software": ("代码", "software engineer"), "ai": ("statistics",)}


def small_automaton() -> SurfaceAutomaton:
    """Return the small lexicon compiled."""
    return SurfaceAutomaton(FORMS, cues=CUES, field_context=FIELD_CONTEXT)
