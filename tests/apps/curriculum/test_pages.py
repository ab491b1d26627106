"""Every page of the curriculum by role, what people do on them, and what is said when it cannot be done."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from ronghe.apps.curriculum import services
from ronghe.apps.curriculum.models import CriResult, PackageVersion, Programme, SuggestionDecision, Unit
from ronghe.apps.demand.keys import enterprise_key
from ronghe.apps.demand.models import Skill
from ronghe.apps.demand.services import load_lexicon
from ronghe.apps.demand.services.counting import renew_data_version
from tests.apps.curriculum.conftest import LONG_AGO, fresh, unit_data
from tests.factories import PostingFactory, RequirementFactory, SkillFactory, asks

pytestmark = pytest.mark.django_db

TAKE_PART = ("office", "teacher", "other_teacher", "hr", "other_hr", "mentor", "student", "reviewer")


@pytest.fixture
def draft(package, teacher):
    return services.start_version(actor=teacher, package=package)


@pytest.fixture
def taught(package, release, skill, firm_a):
    """A released version of one unit whose skill firm A asks for."""
    asks(PostingFactory.create(organisation=firm_a, enterprise_key=enterprise_key(firm_a.pk, "", "")), skill)
    version = release(package, unit_data(skill), on=LONG_AGO)
    renew_data_version()
    return version


def page(name, *keys):
    return reverse(f"curriculum:{name}", args=keys)


def lines(*filled):
    """The lines of skills as the form sends them."""
    data = {"skills-TOTAL_FORMS": str(len(filled) + 1), "skills-INITIAL_FORMS": "0"}
    for number, (skill, level, hours, practice, evidence) in enumerate(filled):
        values = {
            "skill": skill,
            "skill_level": level,
            "hours": hours,
            "practice_hours": practice,
            "evidence": evidence,
        }
        data |= {f"skills-{number}-{name}": str(value) for name, value in values.items()}
    return data


def typed(**changes):
    return {"name_zh": "采样与整定", "name_en": "", "content": "调试单片机", "hours": "8", "practice_hours": "4",
            "revision": "0", **lines(), **changes}  # fmt: skip


@pytest.mark.parametrize("who", TAKE_PART)
def test_everyone_who_takes_part_reads_what_is_released(who, request, sign_in, taught, programme, package):
    client = sign_in(request.getfixturevalue(who))
    for address in (
        page("overview"), page("programme", programme.uid), page("package", package.uid), page("version", taught.uid),
        page("version_diff", taught.uid), page("library"), page("cri"), page("programme_cri", programme.uid),
        page("programme_case", programme.uid),
    ):  # fmt: skip
        assert client.get(address).status_code == 200, address
    table = client.get(page("programme_export", programme.uid, "csv"))
    assert "单元" in b"".join(table.streaming_content).decode("utf-8-sig")


def test_an_anonymous_visitor_is_sent_to_sign_in_from_every_page(anonymous, taught, programme, package, firm_a):
    unit = taught.units.get()
    for address in (
        page("overview"), page("programme", programme.uid), page("programme_new"), page("package", package.uid),
        page("version", taught.uid), page("version_review", taught.uid), page("unit_edit", unit.uid),
        page("unit_suggestions", unit.uid), page("due"), page("library"), page("case_new"), page("cri"),
        page("enterprise_cri", firm_a.uid), page("programme_case_import", programme.uid),
        page("programme_export", programme.uid, "csv"),
    ):  # fmt: skip
        answer = anonymous.get(address)
        assert (answer.status_code, reverse("account_login") in answer["Location"]) == (302, True), address
    assert anonymous.post(page("package_start", package.uid)).status_code == 302
    assert package.versions.count() == 1


@pytest.mark.parametrize(
    ("who", "sees"),
    [("office", 200), ("teacher", 200), ("mentor", 200), ("reviewer", 200), ("other_teacher", 404), ("hr", 404),
     ("student", 404)],
)  # fmt: skip
def test_a_draft_is_open_to_its_university_the_office_and_those_who_review(who, sees, request, sign_in, draft):
    assert sign_in(request.getfixturevalue(who)).get(draft.get_absolute_url()).status_code == sees


@pytest.mark.parametrize("who", ["other_teacher", "hr", "mentor", "student", "reviewer", "stranger"])
def test_others_change_nothing_through_any_page(who, request, sign_in, draft, taught_unit, programme, package):
    client = sign_in(request.getfixturevalue(who))
    for address in (
        page("programme_edit", programme.uid), page("course_new", programme.uid), page("package_retire", package.uid),
        page("package_start", package.uid), page("unit_new", draft.uid), page("unit_edit", taught_unit.uid),
        page("unit_remove", taught_unit.uid), page("unit_decide", taught_unit.uid), page("version_submit", draft.uid),
        page("version_recall", draft.uid), page("version_discard", draft.uid), page("version_summary", draft.uid),
        page("version_release", draft.uid), page("version_arrange", draft.uid),
        page("package_new", package.course.pk), page("programme_case_import", programme.uid),
    ):  # fmt: skip
        data = {"revision": "1", "summary": "…", "skill": "x"}
        assert client.post(address, data).status_code in {403, 404, 422}, address
    draft.refresh_from_db()
    assert (draft.state, draft.summary, draft.units.count()) == ("draft", "", 1)
    assert Programme.objects.count() == 1


@pytest.fixture
def taught_unit(draft, teacher, skill):
    return services.write_unit(actor=teacher, version=draft, data=unit_data(skill))


def test_a_programme_grows_from_page_to_page(sign_in, teacher, university):
    client = sign_in(teacher)
    answer = client.post(
        page("programme_new"),
        {"organisation": university.pk, "name_zh": "嵌入式", "name_en": "", "field": "embedded", "months": "30"},
    )
    programme = Programme.objects.get()
    assert answer["Location"] == programme.get_absolute_url()
    client.post(page("course_new", programme.uid), {"code": "A1", "name_zh": "课", "name_en": "", "credits": "2"})
    course = programme.courses.get()
    client.post(page("package_new", course.pk), {"name_zh": "包", "name_en": ""})
    package = course.packages.get()
    client.post(page("package_start", package.uid))
    assert package.versions.get().number == 1
    wrong = client.post(page("course_new", programme.uid), {"code": "A1", "name_zh": "另一课", "credits": "2"})
    assert wrong.status_code == 422
    assert "另一课" in wrong.content.decode()


def test_a_teacher_founds_programmes_of_the_own_university_only(sign_in, other_teacher, university):
    answer = sign_in(other_teacher).post(
        page("programme_new"), {"organisation": university.pk, "name_zh": "他校", "field": "ai", "months": "30"}
    )
    assert answer.status_code == 422
    assert not Programme.objects.exists()


def test_a_unit_is_written_with_its_skills(sign_in, teacher, draft):
    SkillFactory.create(code="embedded.mcu", name_zh="单片机", name_en="Microcontrollers")
    answer = sign_in(teacher).post(page("unit_new", draft.uid), typed(**lines(("单片机", 3, 6, 3, "演示"))))
    unit = Unit.objects.get()
    assert answer["Location"].endswith(f"#unit-{unit.key}")
    one = unit.declarations.get()
    assert (one.skill.code, one.skill_level, one.hours, one.evidence) == ("embedded.mcu", 3, 6, "演示")


def test_a_unit_of_0_hours_is_refused_and_nothing_typed_is_lost(sign_in, teacher, draft):
    answer = sign_in(teacher).post(page("unit_new", draft.uid), typed(hours="0", practice_hours="0"))
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "more than 0 hours" in text
    assert "采样与整定" in text
    assert not Unit.objects.exists()


def test_a_line_without_a_skill_or_without_hours_says_so(sign_in, teacher, draft):
    answer = sign_in(teacher).post(page("unit_new", draft.uid), typed(**lines(("", 3, 2, 0, ""))))
    assert (answer.status_code, "Name the skill" in answer.content.decode()) == (422, True)


def test_whoever_was_overtaken_gets_the_form_back_with_what_they_typed(sign_in, teacher, office, draft, skill):
    unit = services.write_unit(actor=teacher, version=draft, data=unit_data())
    services.write_unit(actor=office, version=draft, data=unit_data(name="先改"), unit=unit, revision=unit.revision)
    answer = sign_in(teacher).post(page("unit_edit", unit.uid), typed(revision=str(unit.revision)))
    assert answer.status_code == 409
    assert "采样与整定" in answer.content.decode()
    assert fresh(unit).name_zh == "先改"


def test_a_released_version_offers_no_way_to_edit_and_refuses_one(sign_in, teacher, taught):
    client, unit = sign_in(teacher), taught.units.get()
    assert page("unit_edit", unit.uid) not in client.get(taught.get_absolute_url()).content.decode()
    answer = client.post(page("unit_edit", unit.uid), typed(revision=str(unit.revision)))
    assert (answer.status_code, "can change no more" in answer.content.decode()) == (422, True)
    assert fresh(unit).name_zh == "单元"


def test_a_version_goes_through_review_to_release_on_its_page(sign_in, teacher, second_teacher, mentor, draft, skill):
    services.write_unit(actor=teacher, version=draft, data=unit_data(skill))
    address = draft.get_absolute_url()
    writer = sign_in(teacher)
    writer.post(page("version_submit", draft.uid), {"revision": str(fresh(draft).revision)})
    assert 'id="review"' not in writer.get(address).content.decode()
    for person in (second_teacher, mentor):
        client = sign_in(person)
        assert 'id="review"' in client.get(address).content.decode()
        answer = client.post(
            page("version_review", draft.uid), {"revision": str(fresh(draft).revision), "verdict": "approved"}
        )
        assert answer.status_code == 302
    answer = writer.post(page("version_release", draft.uid), {"revision": str(fresh(draft).revision)})
    assert answer["Location"] == page("version_diff", draft.uid)
    assert fresh(draft).is_released


def test_a_review_of_an_older_state_and_changes_without_a_word_are_refused(sign_in, teacher, mentor, draft, skill):
    services.write_unit(actor=teacher, version=draft, data=unit_data(skill))
    version = services.submit_version(actor=teacher, version=draft, revision=fresh(draft).revision)
    client = sign_in(mentor)
    stale = client.post(page("version_review", draft.uid), {"revision": "1", "verdict": "approved"})
    assert stale.status_code == 409
    silent = client.post(
        page("version_review", draft.uid), {"revision": str(version.revision), "verdict": "changes", "comment": " "}
    )
    assert (silent.status_code, "Say what has to change" in silent.content.decode()) == (422, True)


def test_a_draft_that_lacks_something_says_what_and_is_not_sent(sign_in, teacher, draft):
    client = sign_in(teacher)
    assert "at least one unit" in client.get(draft.get_absolute_url()).content.decode()
    client.post(page("version_submit", draft.uid), {"revision": str(draft.revision)})
    assert fresh(draft).state == "draft"


def test_units_move_up_and_leave_a_draft(sign_in, teacher, draft, skill):
    first, second = (
        services.write_unit(actor=teacher, version=draft, data=unit_data(skill, name=name)) for name in "甲乙"
    )
    client = sign_in(teacher)
    client.post(page("version_arrange", draft.uid), {"unit": str(second.key), "way": "up"})
    assert [unit.name_zh for unit in draft.units.all()] == ["乙", "甲"]
    client.post(page("unit_remove", first.uid), {"revision": str(fresh(first).revision)})
    assert [unit.name_zh for unit in draft.units.all()] == ["乙"]


def test_the_page_of_changes_says_what_was_replaced(sign_in, student, package, release, skill, other_skill):
    release(package, unit_data(skill, name="甲"), on=LONG_AGO)
    second = release(package, unit_data(other_skill, name="乙"))
    answer = sign_in(student).get(page("version_diff", second.uid))
    assert answer.context["found"].replaced == 1
    assert [unit.name for unit in answer.context["removed"]] == ["Unit 甲"]


def test_words_suggest_skills_with_their_reason_and_a_person_decides(sign_in, teacher, draft):
    load_lexicon(actor=None)
    unit = services.write_unit(
        actor=teacher, version=draft, data=unit_data(name="FreeRTOS 任务调度", content="在 STM32 上移植 FreeRTOS。")
    )
    client = sign_in(teacher)
    text = client.get(page("unit_suggestions", unit.uid)).content.decode()
    assert "“FreeRTOS”" in text
    rtos = Skill.objects.get(code="embedded.freertos")
    given = {"skill": rtos.code, "revision": str(unit.revision), "accept": "on"}
    refused = client.post(page("unit_decide", unit.uid), given)
    assert (refused.status_code, unit.declarations.count()) == (422, 0)
    client.post(page("unit_decide", unit.uid), {**given, "skill_level": "3", "hours": "4", "practice_hours": "2"})
    assert unit.declarations.get().skill == rtos
    declined = {"skill": "embedded.stm32", "revision": str(fresh(unit).revision)}
    client.post(page("unit_decide", unit.uid), declined)
    assert set(SuggestionDecision.objects.values_list("skill__code", "is_accepted")) == {
        ("embedded.freertos", True), ("embedded.stm32", False),
    }  # fmt: skip
    again = client.get(page("unit_suggestions", unit.uid))
    assert {row["suggestion"].skill.code for row in again.context["rows"]}.isdisjoint({rtos.code, "embedded.stm32"})


@pytest.mark.parametrize(("who", "sees"), [("teacher", 200), ("mentor", 200), ("hr", 200), ("student", 403)])
def test_the_calendar_shows_old_units_by_what_they_cost(who, sees, request, sign_in, taught):
    answer = sign_in(request.getfixturevalue(who)).get(page("due"))
    assert answer.status_code == sees
    if sees == 200:
        row = answer.context["page"].object_list[0]
        assert (row.unit, row.is_old, row.due_on) == (taught.units.get(), True, LONG_AGO.replace(month=7))


def test_a_project_is_recorded_described_and_broken_into_units(sign_in, hr, teacher, firm_a, draft):
    today = timezone.localdate().isoformat()
    enterprise = sign_in(hr)
    answer = enterprise.post(
        page("project_new"), {"organisation": firm_a.pk, "name_zh": "改造", "name_en": "", "started_on": today}
    )
    address = answer["Location"]
    enterprise.post(f"{address}parts/new/", {"name_zh": "采样", "name_en": "", "work": "采电流"})
    client = sign_in(teacher)
    part = client.get(address).context["parts"][0][0]
    client.post(f"{address}break/", {"parts": [part.pk], "version": str(draft.uid), "hours": "8"})
    assert draft.units.get().source_part == part
    assert "采样" in client.get(address).content.decode()
    assert client.post(f"{address}break/", {"version": str(draft.uid), "hours": "8"}).status_code == 422


def test_a_case_is_added_by_its_enterprise_and_checked_again(sign_in, hr, other_hr, firm_a):
    day = (timezone.localdate() - timedelta(days=500)).isoformat()
    client = sign_in(hr)
    data = {"organisation": firm_a.pk, "name_zh": "异响", "summary": "…", "happened_on": day, "licence": "terms"}
    refused = client.post(page("case_new"), data)
    assert (refused.status_code, "Name the terms" in refused.content.decode()) == (422, True)
    address = client.post(page("case_new"), {**data, "licence": "community"})["Location"]
    assert client.get(address).status_code == 200
    assert sign_in(other_hr).post(f"{address}check/", {"revision": "1"}).status_code == 403
    assert client.post(f"{address}check/", {"revision": "1"}).status_code == 302


@pytest.mark.parametrize(
    ("who", "sees"),
    [("hr", 200), ("mentor", 200), ("office", 200), ("teacher", 200), ("reviewer", 200), ("other_hr", 403),
     ("student", 403)],
)  # fmt: skip
def test_the_index_of_an_enterprise_is_open_to_it_and_to_those_who_answer_it(
    who, sees, request, sign_in, taught, firm_a
):
    assert sign_in(request.getfixturevalue(who)).get(page("enterprise_cri", firm_a.uid)).status_code == sees


def test_the_page_of_the_index_adds_up_and_answers_what_if(sign_in, teacher, taught, skill, firm_a, other_hr, firm_b):
    RequirementFactory.create(organisation=firm_a, skill=skill, skill_level=5)
    renew_data_version()
    Skill.objects.filter(pk=skill.pk).update(code="embedded.mcu")
    client = sign_in(teacher)
    answer = client.get(page("enterprise_cri", firm_a.uid))
    found = answer.context["page"]
    costs = sum(line.cost for line in found.skills) + found.result.requirement_loss.sum() + found.prior_loss
    assert found.result.cri + costs == pytest.approx(100)
    assert sum(one.cost for one in found.factors) == pytest.approx(100 - found.result.cri)
    asked = {"skill": "单片机", "skill_level": "5", "hours": "16", "practice_hours": "8"}
    better = client.get(page("cri"), asked).context["answer"]
    assert better.gain > 0
    wrong = client.get(page("cri"), {**asked, "hours": "0"})
    assert "more than 0 hours" in wrong.content.decode()
    firms = sign_in(other_hr).get(page("cri"))
    assert (firms.context["enterprises"], firms.context["requirements"]) == ([], [])


def test_a_kept_result_stays_as_it_is(sign_in, teacher, student, taught, programme):
    client = sign_in(teacher)
    assert sign_in(student).post(page("cri_freeze")).status_code == 403
    client.post(page("cri_freeze"), {"programme": str(programme.uid)})
    kept = CriResult.objects.get()
    assert (kept.programme, kept.method_version) == (programme, 1)
    assert kept.inputs_hash.startswith("sha256:")
    assert kept.parameters["full_coverage_hours"] == 8
    answer = sign_in(student).get(page("cri_result", kept.uid))
    assert f"{kept.value:.1f}" in answer.content.decode()


def test_without_demand_the_index_says_what_to_do(sign_in, office, programme):
    assert "import advertisements" in sign_in(office).get(page("cri")).content.decode()


def test_pages_take_a_bounded_number_of_queries(
    sign_in, teacher, taught, package, programme, django_assert_max_num_queries, skill
):
    client = sign_in(teacher)
    for address, most in ((page("overview"), 45), (page("version", taught.uid), 16), (page("due"), 26)):
        client.get(address)
        with django_assert_max_num_queries(most):
            client.get(address)


def test_a_case_file_comes_back_as_drafts(sign_in, teacher, taught, programme, package, university, skill):
    client = sign_in(teacher)
    text = client.get(page("programme_case", programme.uid)).content
    other = services.found_programme(actor=teacher, organisation=university, name_zh="第二专业", field="embedded")
    from django.core.files.uploadedfile import SimpleUploadedFile

    def upload(content):
        file = SimpleUploadedFile("programme.json", content, content_type="application/json")
        return client.post(page("programme_case_import", other.uid), {"file": file})

    assert upload(b"{}").status_code == 422
    assert upload(b"\xff").status_code == 422
    assert upload(text).status_code == 302
    unit = Unit.objects.get(version__package__course__programme=other)
    one = unit.declarations.get()
    assert (unit.name_zh, unit.hours, unit.practice_hours) == ("单元", Decimal(8), Decimal(4))
    assert (one.skill, one.skill_level, one.hours, one.practice_hours) == (skill, 3, Decimal(8), Decimal(4))
    assert one.evidence == "调试记录"
    assert PackageVersion.objects.get(package__course__programme=other).state == "draft"


def test_the_first_screens_show_what_is_due_and_what_waits_for_review(
    sign_in, teacher, second_teacher, mentor, taught, package, other_skill
):
    version = services.start_version(actor=teacher, package=package, summary="更新")
    services.write_unit(actor=teacher, version=version, data=unit_data(other_skill))
    services.submit_version(actor=teacher, version=version, revision=fresh(version).revision)
    home = reverse("home")
    mine = sign_in(teacher).get(home)
    assert [row.unit for row in mine.context["due"]] == [taught.units.get()]
    assert mine.context["reviews"] == []
    for person in (second_teacher, mentor):
        answer = sign_in(person).get(home)
        assert answer.context["reviews"] == [version]
        assert version.get_absolute_url() in answer.content.decode()
