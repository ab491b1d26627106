"""The lexicon in the database: loaded once, retired not deleted; the crosswalk to ESCO and O*NET."""

import dataclasses

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from ronghe.apps.demand import extraction, services
from ronghe.apps.demand.models import AskedSkill, DataVersion, LinkMethod, Skill, SkillField, SkillGroup, SkillLink
from ronghe.apps.ledger.models import Event
from ronghe.lexicon import Link
from tests.factories import PostingFactory, asks

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def test_every_skill_of_the_lexicon_becomes_a_row_with_its_group_and_field(lexicon):
    shipped = extraction.names().lexicon
    assert Skill.objects.count() == len(shipped.skills) == lexicon.added
    assert SkillGroup.objects.count() == len(shipped.groups)
    assert list(SkillField.objects.values_list("code", flat=True)) == [field.id for field in shipped.fields]
    verilog = Skill.objects.select_related("group__field").get(code="ic.verilog")
    assert (verilog.group.code, verilog.group.field.code) == (shipped.by_id["ic.verilog"].group, "ic")
    assert verilog.lexicon_version == shipped.version
    assert DataVersion.objects.get().extractor == extraction.version_of(shipped)


def test_loading_the_same_lexicon_again_changes_and_records_nothing(lexicon):
    mark = DataVersion.objects.get().mark
    again = services.load_lexicon(actor=None)
    assert (again.added, again.changed, again.retired) == (0, 0, ())
    assert Event.objects.filter(type="demand.lexicon.loaded").count() == 1
    assert DataVersion.objects.get().mark == mark


def test_a_skill_that_leaves_the_lexicon_is_retired_counts_no_more_and_may_return(lexicon):
    shipped = extraction.names().lexicon
    posting = asks(PostingFactory.create(), Skill.objects.get(code="ic.verilog"))
    without = dataclasses.replace(
        shipped, skills=tuple(skill for skill in shipped.skills if skill.id != "ic.verilog"), version="0" * 64
    )
    assert services.load_lexicon(actor=None, lexicon=without).retired == ("ic.verilog",)
    assert Skill.objects.get(code="ic.verilog").retired_at is not None
    assert not AskedSkill.objects.filter(posting=posting).exists()

    assert services.load_lexicon(actor=None, lexicon=shipped).changed == 1
    assert Skill.objects.get(code="ic.verilog").retired_at is None
    assert AskedSkill.objects.filter(posting=posting).count() == 1


def test_a_skill_that_was_renamed_keeps_its_row(lexicon):
    shipped = extraction.names().lexicon
    before = Skill.objects.get(code="ic.verilog").pk
    renamed = dataclasses.replace(
        shipped,
        skills=tuple(
            dataclasses.replace(skill, zh="新名字") if skill.id == "ic.verilog" else skill for skill in shipped.skills
        ),
        version="1" * 64,
    )
    loaded = services.load_lexicon(actor=None, lexicon=renamed)
    assert (loaded.added, loaded.changed, loaded.retired) == (0, 1, ())
    assert Skill.objects.get(code="ic.verilog").name_zh == "新名字"
    assert Skill.objects.get(code="ic.verilog").pk == before


@pytest.mark.parametrize("who", ["hr", "teacher", "reviewer", "student", "stranger"])
def test_only_the_office_loads_the_lexicon_and_links_it(request, who):
    actor = request.getfixturevalue(who)
    with pytest.raises(PermissionDenied):
        services.load_lexicon(actor=actor)
    with pytest.raises(PermissionDenied):
        services.import_crosswalk(actor=actor, scheme="esco", links=[], lexicon_version="x")


def link(skill, target, method="label", scheme="esco"):
    return Link(skill, scheme, target, f"label of {target}", method)


def test_links_are_replaced_by_the_next_import_but_for_those_a_person_confirmed(office, lexicon):
    verilog = Skill.objects.get(code="ic.verilog")
    SkillLink.objects.create(skill=verilog, scheme="esco", identifier="kept", label="kept", method=LinkMethod.PERSON)
    first = [link("ic.verilog", "a", "stated"), link("ic.verilog", "b", "form"), link("no.such-skill", "c")]
    assert services.import_crosswalk(actor=office, scheme="esco", links=first, lexicon_version="1") == 2
    second = [link("ic.verilog", "b", "label"), link("ic.verilog", "kept"), link("ic.verilog", "o", scheme="onet")]
    assert services.import_crosswalk(actor=office, scheme="esco", links=second, lexicon_version="2") == 2
    assert set(SkillLink.objects.values_list("identifier", "method")) == {("kept", "person"), ("b", "label")}
    assert Event.objects.filter(type="demand.crosswalk.imported").count() == 2


def test_the_crosswalk_reads_the_original_formats(lexicon, tmp_path, capsys):
    esco = tmp_path / "skills_en.csv"
    esco.write_text(
        "conceptType,conceptUri,skillType,reuseLevel,preferredLabel,altLabels,status\n"
        "KnowledgeSkillCompetence,http://data.europa.eu/esco/skill/1,knowledge,x,Verilog,,released\n",
        encoding="utf-8",
    )
    onet = tmp_path / "Technology Skills.txt"
    onet.write_text(
        "O*NET-SOC Code\tExample\tCommodity Code\tCommodity Title\tHot Technology\tIn Demand\n"
        "17-2061.00\tVerilog\t43232400\tDevelopment software\tY\tN\n",
        encoding="utf-8",
    )
    call_command("import_crosswalk", esco=esco, onet=onet)
    links = SkillLink.objects.filter(skill__code="ic.verilog").values_list("scheme", "label")
    assert set(links) == {("esco", "Verilog"), ("onet", "Verilog")}


def test_the_command_says_what_is_wrong_with_a_file(lexicon, tmp_path):
    wrong = tmp_path / "skills_en.csv"
    wrong.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(CommandError, match="conceptUri"):
        call_command("import_crosswalk", esco=wrong)
    with pytest.raises(CommandError, match="at least one file"):
        call_command("import_crosswalk")


def test_a_skill_is_found_by_its_id_its_labels_and_any_form():
    names = extraction.names()
    for name in ("ic.verilog", "verilog", "Verilog 语言", "VERILOG HDL"):
        assert names.resolve(name) == "ic.verilog"
    assert names.resolve("underwater basket weaving") is None
    assert "Verilog" in names.suggest("Verilogg", "en")
    assert names.complete("veril", limit=2)[0].skill.id == "ic.verilog"
    assert names.complete("  ") == []
