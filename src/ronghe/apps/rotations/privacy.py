"""What rotations know about a person: the groups they belong to, and the sessions they attend or lead."""

from typing import Any

from ronghe.apps.accounts import privacy
from ronghe.apps.accounts.models import Person
from ronghe.apps.rotations.models import Member, Pin, Plan, Repair, Session


def _export(person: Person) -> dict[str, Any]:
    groups = Member.objects.filter(person=person).values("group")
    mine = Session.objects.filter(group__in=groups) | Session.objects.filter(mentor=person)
    return {
        "groups": list(Member.objects.filter(person=person).values("group__number", "group__plan__name_zh")),
        "sessions": list(
            mine.order_by("starts_at").values("week__plan__name_zh", "machine__name_zh", "starts_at", "ends_at")
        ),
    }


def _erase(person: Person) -> int:
    rows = Member.objects.filter(person=person).update(person=None)
    rows += Session.objects.filter(mentor=person).update(mentor=None)
    rows += Plan.objects.filter(created_by=person).update(created_by=None)
    rows += Repair.objects.filter(made_by=person).update(made_by=None)
    rows += Pin.objects.filter(made_by=person).update(made_by=None)
    rows += Plan.mentors.through._default_manager.filter(person=person).delete()[0]
    return rows


privacy.register("rotations", export=_export, erase=_erase)
