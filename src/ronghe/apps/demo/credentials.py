"""The certificates of the demonstration: an issuing university, three achievements, certificates in every state.

Everything goes through the services that people use.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from django.utils import timezone

from ronghe.apps.accounts import services as accounts
from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import CohortMembership, Organisation
from ronghe.apps.credentials import services
from ronghe.apps.credentials.models import AchievementVersion, Certificate
from ronghe.apps.credentials.services import AchievementData, ConditionData
from ronghe.apps.demand.models import Skill

_AGREEING = 14


def build(office: Person, people: Mapping[str, Person], organisations: Mapping[str, Organisation], today: date) -> None:
    """Found the issuer, define what it certifies, issue, and let some certificates change and be shared."""
    issuer = services.found_issuer(actor=office, organisation=organisations["linghai"], for_site=True)
    versions = [
        services.define_achievement(actor=office, issuer=issuer, code=code, data=data) for code, data in _achievements()
    ]
    student = people["student"]
    holders = [student, *_classmates(student)]
    for person in holders:
        accounts.give_consent(actor=person, person=person, purpose="certificates")
    accounts.give_consent(actor=student, person=student, purpose="certificate_sharing")
    services.issue_many(actor=office, version=versions[0], people=holders)
    services.issue(actor=office, version=versions[1], person=student)
    _change(office, versions[0], student)
    _share(student, organisations["saltmarsh"])
    services.record_mapping(
        actor=office,
        achievement=versions[0].achievement,
        framework="eqf",
        identifier="6",
        label_zh="欧洲资历框架 6 级（示例）",
        label_en="EQF level 6 (Example)",
        source="示例解读，尚未经主管机构确认",
        valid_from=today,
    )
    services.record_recognition(
        actor=office,
        name_zh="示例工商会",
        name_en="Example Chamber of Commerce",
        direction="ours",
        country="示例",
        extent="拟认可芯片验证微证书为入职培训的一部分（示例，协议文本待补）。",
        achievements=[versions[0].achievement],
        source="意向书（示例）",
        valid_from=today,
    )
    services.report_mismatch(text="证书上的等级与候选人自述不一致，请核对。（示例）", contact="")
    services.make_api_key(
        actor=people["hr.ic"],
        organisation=organisations["saltmarsh"],
        name="人事系统（示例）",
        scopes=["verify", "candidates"],
    )


def _achievements() -> list[tuple[str, AchievementData]]:
    skills = {
        skill.code: skill for skill in Skill.objects.filter(code__in=["ic.uvm", "ic.systemverilog", "ic.coverage"])
    }
    return [
        (
            "IC-UVM-1",
            AchievementData(
                name_zh="芯片验证微证书（示例）",
                name_en="Chip verification micro-credential (Example)",
                criteria_zh="独立搭建可复用的验证平台，完成回归并提交覆盖率报告。",
                criteria_en="Builds a reusable testbench alone, runs its regression and reports coverage.",
                type="MicroCredential",
                worker_level=4,
                eqf_level=6,
                months_valid=36,
                skills=[(skills["ic.uvm"], 3), (skills["ic.systemverilog"], 3)],
            ),
        ),
        (
            "IC-VER",
            AchievementData(
                name_zh="芯片验证职业证书（示例）",
                name_en="Chip verification certificate (Example)",
                criteria_zh="持有芯片验证微证书，并完成一次芯片级覆盖率收敛。",
                criteria_en="Holds the micro-credential and has closed coverage of a chip once.",
                type="Certificate",
                worker_level=5,
                skills=[(skills["ic.uvm"], 4), (skills["ic.coverage"], 3)],
                conditions=[
                    ConditionData("credentials.person.certificates", 1, "已持有微证书", "Micro-credentials held")
                ],
            ),
        ),
        (
            "IC-CHIEF",
            AchievementData(
                name_zh="集成电路首席技师（示例）",
                name_en="Chief technician of integrated circuits (Example)",
                criteria_zh="学分银行中累计不少于 40 学分，并由企业与高校共同评定。",
                criteria_en="At least 40 credits in the credit bank, assessed by enterprise and university together.",
                type="Certificate",
                worker_level=8,
                conditions=[ConditionData("credits.person.total", 40, "学分银行累计学分", "Credits in the bank")],
            ),
        ),
    ]


def _classmates(student: Person) -> list[Person]:
    cohort = CohortMembership.objects.known().filter(person=student).values("cohort")
    others = CohortMembership.objects.known().filter(cohort__in=cohort).exclude(person=student)
    return [row.person for row in others.select_related("person").order_by("student_number")[:_AGREEING]]


def _change(office: Person, version: AchievementVersion, student: Person) -> None:
    others = list(Certificate.objects.filter(version=version).exclude(holder=student).order_by("pk")[:3])
    services.suspend(actor=office, certificate=others[0], reason="enquiry", note="企业导师对考核记录提出疑问（示例）")
    services.correct(actor=office, certificate=others[1], note="姓名拼写有误（示例）")
    services.revoke(actor=office, certificate=others[2], reason="not_earned", note="复核未达标（示例）")


def _share(student: Person, firm: Organisation) -> None:
    own = Certificate.objects.filter(holder=student).order_by("pk").first()
    if own is not None:
        services.share(
            actor=student,
            certificate=own,
            organisation=firm,
            expires_at=timezone.now() + timedelta(days=60),
            disclosed=[0],
            shows_name=True,
        )
