"""Rotations of the demonstration: a published plan of the coming weeks, repaired once, and the draft of the next."""

from datetime import date, timedelta

from django.db import transaction
from django.test.utils import override_settings

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Role, RoleKind
from ronghe.apps.rotations import services
from ronghe.apps.rotations.models import Member, Plan
from ronghe.apps.sites import services as sites
from ronghe.apps.sites.models import MachineFamily

# Families and for how many fortnights; their machines stand with the packaging firm and two universities.
NEEDS = (("wire-bonder", 1), ("signal-lab", 1))
_A_WEEK = timedelta(days=7)


def build(office: Person, today: date) -> None:
    """Plan, compute and publish as the office does; what the background task does is done at once."""
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend"), transaction.atomic():
        first = today + timedelta(days=7 - today.weekday())
        plan = _draft(office, first, "冬季轮岗（示例）", "Winter rotations (Example)")
        services.form_groups(actor=office, plan=plan)
        _instruct(office, plan, today)
        services.compute(plan, lambda *_said: None)
        services.end_computing(plan)
        plan.refresh_from_db()
        if plan.state == "proposed" and not services.breaches_now(plan):
            services.publish_plan(actor=office, plan=plan, revision=plan.revision)
        later = _draft(office, first + 4 * _A_WEEK, "春季轮岗（示例）", "Spring rotations (Example)")
        services.form_groups(actor=office, plan=later)


def _draft(office: Person, first: date, name_zh: str, name_en: str) -> Plan:
    families = {family.code: family for family in MachineFamily.objects.all()}
    houses = [
        machine.site.campus.organisation_id for code, _count in NEEDS for machine in families[code].machines.all()
    ]
    leading = Role.objects.on(first).filter(kind__in=[RoleKind.MENTOR, RoleKind.TEACHER], organisation__in=houses)
    return services.draft_plan(
        actor=office,
        name_zh=name_zh,
        name_en=name_en,
        first_day=first,
        fortnights=2,
        pattern="3+9",
        pattern_starts_on=first - timedelta(days=120),
        wanted=2,
        least=1,
        load=2,
        needs={families[code]: count for code, count in NEEDS},
        mentors=[role.person for role in leading.select_related("person").distinct()],
    )


def _instruct(office: Person, plan: Plan, today: date) -> None:
    """Everybody who takes part was instructed on the bonders."""
    family = MachineFamily.objects.get(code=NEEDS[0][0])
    trainees = [member.person for member in Member.objects.filter(group__plan=plan).select_related("person")]
    held = set(family.authorisations.known().values_list("person", flat=True))
    for person in {*trainees, *plan.mentors.all()}:
        if person is not None and person.pk not in held and person != office:
            sites.authorise(
                actor=office,
                person=person,
                family=family,
                valid_from=today - timedelta(days=14),
                basis="示例：上机考核合格",
            )
