"""Achievements, their frozen versions, and recognition that counts only with a paper that a second person read."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.credentials import selectors, services
from ronghe.apps.credentials.models import AchievementVersion, Certificate, Issuer, RecognitionAgreement
from ronghe.apps.credentials.services import AchievementData, ConditionData, Frozen
from ronghe.apps.demand.models import Skill
from ronghe.apps.ledger.revision import StaleRevision
from tests.factories import PersonFactory, RoleFactory

pytestmark = pytest.mark.django_db


def renamed(data: AchievementData, name: str) -> AchievementData:
    return AchievementData(name_zh=name, criteria_zh=data.criteria_zh, type=data.type)


def test_a_teacher_of_the_issuer_defines_and_nobody_from_elsewhere(
    teacher: Person, hr: Person, issuer: Issuer, data: AchievementData
) -> None:
    made = services.define_achievement(actor=teacher, issuer=issuer, code="A-1", data=data)
    assert (made.number, made.is_frozen) == (1, False)
    elsewhere = RoleFactory.create(
        person=PersonFactory.create(), organisation__kind="university", kind="teacher"
    ).person
    for person in (hr, elsewhere):
        with pytest.raises(PermissionDenied):
            services.define_achievement(actor=person, issuer=issuer, code="A-2", data=data)


@pytest.mark.parametrize("code", ["", "with space", "中文", "x" * 41])
def test_a_code_that_does_not_fit_is_refused(office: Person, issuer: Issuer, data: AchievementData, code: str) -> None:
    with pytest.raises(ValidationError):
        services.define_achievement(actor=office, issuer=issuer, code=code, data=data)


def test_a_code_is_used_once_and_a_skill_named_once(
    office: Person, version: AchievementVersion, issuer: Issuer, data: AchievementData, skill: Skill
) -> None:
    with pytest.raises(ValidationError, match="of that code"):
        services.define_achievement(actor=office, issuer=issuer, code="IC-UVM-1", data=data)
    twice = AchievementData(name_zh="x", criteria_zh="y", type="Course", skills=[(skill, 3), (skill, 4)])
    with pytest.raises(ValidationError):
        services.define_achievement(actor=office, issuer=issuer, code="B", data=twice)


def test_texts_that_would_not_fit_into_a_file_are_refused(
    office: Person, issuer: Issuer, data: AchievementData
) -> None:
    long = AchievementData(name_zh="x", criteria_zh="准" * 500, type="Course")
    with pytest.raises(ValidationError, match="fit into a file of 6 kB"):
        services.define_achievement(actor=office, issuer=issuer, code="LONG", data=long)


def test_a_condition_must_measure_people(office: Person, issuer: Issuer, data: AchievementData) -> None:
    for metric, said in (("community.chains.count", "does not measure people"), ("no metric", "no name of a metric")):
        asked = AchievementData(
            name_zh="x", criteria_zh="y", type="Course", conditions=[ConditionData(metric, 1, "条件")]
        )
        with pytest.raises(ValidationError, match=said):
            services.define_achievement(actor=office, issuer=issuer, code="C", data=asked)


def test_a_draft_changes_until_it_is_issued_and_then_a_new_version_starts(
    office: Person, version: AchievementVersion, data: AchievementData, holder: Person
) -> None:
    changed = services.change_version(
        actor=office, version=version, revision=version.revision, data=renamed(data, "芯片验证（修订）")
    )
    with pytest.raises(StaleRevision):
        services.change_version(actor=office, version=version, revision=version.revision, data=data)
    first = services.issue(actor=office, version=changed, person=holder)
    with pytest.raises(Frozen, match="Start a new version"):
        services.change_version(actor=office, version=changed, revision=changed.revision, data=data)
    second = services.start_version(actor=office, achievement=version.achievement, data=data)
    assert second.number == 2
    with pytest.raises(ValidationError, match="draft still"):
        services.start_version(actor=office, achievement=version.achievement, data=data)
    with pytest.raises(ValidationError, match="Version 2 is the newest"):
        services.issue(actor=office, version=changed, person=holder)
    first.refresh_from_db()
    assert first.version is not None and first.version.name_zh == "芯片验证（修订）"


def test_a_retired_achievement_is_issued_no_more(office: Person, version: AchievementVersion, holder: Person) -> None:
    services.retire_achievement(actor=office, achievement=version.achievement)
    with pytest.raises(ValidationError, match="retired"):
        services.issue(actor=office, version=version, person=holder)
    assert selectors.issuable_versions() == []


def agreement_of(office: Person, version: AchievementVersion, *, paper: bool = True) -> RecognitionAgreement:
    return services.record_recognition(
        actor=office,
        name_zh="示例工商会",
        name_en="Example Chamber",
        direction="ours",
        extent="整体认可",
        achievements=[version.achievement],
        source="协议 2026-11",
        valid_from=date(2026, 1, 1),
        evidence=SimpleUploadedFile("paper.pdf", b"%PDF-1.7 example") if paper else None,
    )


@pytest.mark.postgres
def test_an_agreement_counts_once_a_second_person_has_read_its_paper(
    office: Person, reviewer: Person, version: AchievementVersion
) -> None:
    achievement = version.achievement
    agreement = agreement_of(office, version)
    assert not selectors.recognition_of(achievement).is_recognised
    with pytest.raises(ValidationError, match="cannot confirm it"):
        services.confirm_recognition(actor=office, agreement=agreement)
    services.confirm_recognition(actor=reviewer, agreement=agreement)
    today = timezone.localdate()
    assert selectors.recognition_of(achievement).is_recognised
    assert not selectors.recognition_of(achievement, date(2025, 12, 31)).is_recognised
    services.end_recognition(actor=office, agreement=RecognitionAgreement.objects.get(), day=today)
    assert not selectors.recognition_of(achievement, today).is_recognised
    assert selectors.recognition_of(achievement, today - timedelta(days=1)).is_recognised


def test_an_agreement_without_a_paper_is_never_confirmed(
    office: Person, reviewer: Person, version: AchievementVersion
) -> None:
    agreement = agreement_of(office, version, paper=False)
    with pytest.raises(ValidationError, match="no paper"):
        services.confirm_recognition(actor=reviewer, agreement=agreement)


def test_a_paper_is_known_by_its_content(office: Person, version: AchievementVersion) -> None:
    with pytest.raises(ValidationError, match="PDF, PNG or JPEG"):
        services.record_recognition(
            actor=office,
            name_zh="x",
            direction="ours",
            extent="y",
            achievements=[version.achievement],
            source="z",
            valid_from=date(2026, 1, 1),
            evidence=SimpleUploadedFile("paper.pdf", b"MZ an executable"),
        )


def test_a_mapping_is_dated_with_its_source_and_is_no_recognition(office: Person, version: AchievementVersion) -> None:
    achievement = version.achievement
    record = {"actor": office, "achievement": achievement, "label_zh": "EQF 6", "source": "EQF 2017 annex II"}
    mapping = services.record_mapping(framework="eqf", identifier="6", **record)
    assert not selectors.recognition_of(achievement).is_recognised
    for identifier, framework in (("9", "eqf"), ("5", "eqf"), ("https://example.org/skill", "esco")):
        with pytest.raises(ValidationError):
            services.record_mapping(framework=framework, identifier=identifier, **record)
    services.end_mapping(actor=office, mapping=mapping)
    services.record_mapping(framework="eqf", identifier="5", **record)
    assert [one.identifier for one in selectors.recognition_of(achievement).mappings] == ["5"]


def test_the_metrics_count_what_holds(
    office: Person, version: AchievementVersion, certificate: Certificate, holder: Person
) -> None:
    from ronghe.apps.metrics import registry
    from ronghe.apps.metrics.measurement import Window

    window = Window(timezone.localdate(), timezone.localdate())

    def level() -> float | None:
        return registry.measure("credentials.person.worker_level", [holder.pk], window)[holder.pk].value

    assert registry.measure_community("credentials.certificates.holding", window).value == 1
    assert level() == 4
    services.suspend(actor=office, certificate=certificate, reason="enquiry")
    assert level() is None
    services.lift(actor=office, certificate=certificate, reason="cleared")
    assert level() == 4
    services.revoke(actor=office, certificate=certificate, reason="not_earned")
    key = version.achievement_id
    assert registry.measure("credentials.achievement.holding", [key], window)[key].value == 0
