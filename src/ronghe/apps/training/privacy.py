"""What training knows about a person. Of an erased student the hours stay counted and no longer say whose they were."""

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q

from ronghe.apps.accounts import privacy
from ronghe.apps.accounts.models import Person
from ronghe.apps.training import files
from ronghe.apps.training.models import (
    Absence,
    Assessment,
    Attachment,
    Confirmation,
    ConfirmationLink,
    Entry,
    Incident,
    Placement,
    PriorWork,
    Rating,
    Relation,
    Reminder,
    Supervision,
)


def _export(person: Person) -> dict[str, Any]:
    own = Placement.objects.filter(person=person)
    return {
        "placements": list(
            own.order_by("pk").values("uid", "work_zh", "starts_on", "ends_on", "state", "reason", "paper_number")
        ),
        "evidence": [
            {
                **row,
                "files": list(Attachment.objects.filter(entry__uid=row["uid"]).values("filename", "sha256")),
            }
            for row in Entry.objects.filter(placement__in=own)
            .order_by("pk")
            .values("uid", "week", "version", "text", "commit_url", "hours", "state", "handed_in_at")
        ],
        "said_about_it": list(
            Confirmation.objects.filter(entry__placement__in=own)
            .order_by("pk")
            .values("entry__uid", "verdict", "comment", "decided_at")
        ),
        "work_before": list(
            PriorWork.objects.filter(person=person).order_by("pk").values("months", "paper", "recorded_at")
        ),
        "absences": list(
            Absence.objects.filter(placement__in=own)
            .order_by("pk")
            .values("kind", "first_day", "last_day", "note", "is_excused")
        ),
        "incidents": list(
            Incident.objects.filter(placement__in=own)
            .order_by("pk")
            .values("severity", "happened_on", "what", "answer", "outcome")
        ),
        "assessments": list(
            Assessment.objects.filter(placement__in=own)
            .order_by("pk")
            .values("unit__name_zh", "attempt", "settled_on", "is_passed", "reason")
        ),
        "ratings": list(
            Rating.objects.filter(assessment__placement__in=own)
            .order_by("pk")
            .values("skill__code", "side", "skill_level", "comment")
        ),
        "confirmed_for_others": list(
            Confirmation.objects.filter(decided_by=person).order_by("pk").values("verdict", "comment", "decided_at")
        ),
        "looked_after": list(
            Supervision.objects.filter(person=person).order_by("pk").values("kind", "valid_from", "valid_until")
        ),
        "relations": list(
            Relation.objects.filter(Q(person=person) | Q(other=person))
            .order_by("pk")
            .values("kind", "valid_from", "valid_until")
        ),
    }


def _erase(person: Person) -> int:
    own = list(Placement.objects.filter(person=person).values_list("pk", flat=True))
    kept = Attachment.objects.filter(entry__placement__in=own)
    uids = list(kept.values_list("uid", flat=True))
    rows, _by_model = kept.delete()
    # What is rolled back keeps its files.
    for uid in uids:
        transaction.on_commit(partial(files.drop, uid))
    rows += Entry.objects.filter(placement__in=own).update(text="", text_digest="", commit_url="")
    rows += Confirmation.objects.filter(entry__placement__in=own).exclude(comment="").update(comment="")
    rows += Rating.objects.filter(assessment__placement__in=own).exclude(comment="").update(comment="")
    rows += Absence.objects.filter(placement__in=own).update(note="")
    rows += Incident.objects.filter(placement__in=own).update(what="", answer="", outcome="")
    rows += Assessment.objects.filter(placement__in=own).update(reason="")
    rows += Placement.objects.filter(pk__in=own).update(person=None, reason="")
    rows += ConfirmationLink.objects.filter(Q(placement__in=own) | Q(mentor=person)).update(mentor=None)
    for model, column in (
        (Supervision, "person"),
        (Confirmation, "decided_by"),
        (Rating, "rated_by"),
        (Entry, "handed_in_by"),
        (Absence, "reported_by"),
        (Absence, "decided_by"),
        (Incident, "reported_by"),
        (Incident, "answered_by"),
        (Incident, "closed_by"),
        (ConfirmationLink, "made_by"),
        (Placement, "planned_by"),
        (Assessment, "opened_by"),
    ):
        rows += model._default_manager.filter(**{column: person}).update(**{column: None})
    for gone in (
        Relation.objects.filter(Q(person=person) | Q(other=person)),
        Reminder.objects.filter(person=person),
        PriorWork.objects.filter(person=person),
    ):
        rows += gone.delete()[0]
    return rows


privacy.register("training", export=_export, erase=_erase)
