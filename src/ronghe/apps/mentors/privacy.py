"""What the mentors app knows about a person. Hours, fees and slots outlast an erasure without their names.

The rows keep pointing to the account, from which the name has gone; texts that may name somebody are emptied.
"""

from typing import Any

from ronghe.apps.accounts import privacy
from ronghe.apps.accounts.models import Person
from ronghe.apps.mentors.models import (
    Appointment,
    Certification,
    ClassHour,
    Dispute,
    FeeEntry,
    HourState,
    Offer,
    Profile,
    Qualification,
    Slot,
    Stay,
    TrainingPlan,
)


def _export(person: Person) -> dict[str, Any]:
    def rows(found: Any, *columns: str) -> list[dict[str, Any]]:
        return list(found.order_by("pk").values(*columns))

    return {
        "appointments": rows(
            Appointment.objects.filter(person=person), "organisation__name_zh", "kind", "valid_from", "valid_until"
        ),
        "profiles": rows(
            Profile.objects.filter(person=person), "languages", "overseas_months", "overseas_note", "strengths"
        ),
        "qualifications": rows(
            Qualification.objects.filter(person=person), "name_zh", "issuer", "number", "issued_on", "expires_on"
        ),
        "offers": rows(
            Offer.objects.filter(person=person),
            "organisation__name_zh",
            "load",
            "intellectual_property",
            "insurance",
            "state",
            "reason",
        ),
        "mentors": rows(Slot.objects.filter(mentor=person), "student__name", "valid_from", "valid_until", "cause"),
        "mentored_by": rows(Slot.objects.filter(student=person), "mentor__name", "valid_from", "valid_until", "cause"),
        "class_hours": rows(
            ClassHour.objects.filter(mentor=person), "taught_on", "start_minute", "class_hours", "subject", "state"
        ),
        "fees": rows(
            FeeEntry.objects.filter(hour__mentor=person), "kind", "class_hours", "rate", "amount", "statement__month"
        ),
        "disputes": rows(Dispute.objects.filter(raised_by=person), "text", "outcome", "answer"),
        "training": rows(
            TrainingPlan.objects.filter(teacher=person), "host__name_zh", "aims", "first_day", "last_day", "state"
        ),
        "stays": rows(Stay.objects.filter(plan__teacher=person), "first_day", "last_day", "days", "report", "state"),
        "certifications": rows(Certification.objects.filter(teacher=person), "number", "granted_on", "expires_on"),
    }


def _erase(person: Person) -> int:
    changed = Profile.objects.filter(person=person).update(
        languages="", overseas_months=0, overseas_note="", strengths=""
    )
    changed += Qualification.objects.filter(person=person).update(
        name_zh="—", name_en="", issuer="—", number="", evidence="—"
    )
    changed += Offer.objects.filter(person=person).update(reason="")
    changed += ClassHour.objects.filter(mentor=person).update(subject="—", cause="", reason="")
    changed += Dispute.objects.filter(raised_by=person).update(text="—", answer="")
    changed += TrainingPlan.objects.filter(teacher=person).update(aims="—", reason="")
    changed += Stay.objects.filter(plan__teacher=person).update(report="—", reason="")
    changed += Certification.objects.filter(teacher=person).update(reason="")
    open_claims = ClassHour.objects.filter(mentor=person, state=HourState.CLAIMED)
    changed += open_claims.update(state=HourState.WITHDRAWN)
    for model, column in (
        (Qualification, "recorded_by"),
        (Qualification, "confirmed_by"),
        (Offer, "offered_by"),
        (ClassHour, "claimed_by"),
        (ClassHour, "decided_by"),
        (Dispute, "raised_by"),
        (Dispute, "answered_by"),
        (TrainingPlan, "made_by"),
        (Stay, "decided_by"),
        (Certification, "granted_by"),
    ):
        changed += model._default_manager.filter(**{column: person}).update(**{column: None})
    return changed


privacy.register("mentors", export=_export, erase=_erase)
