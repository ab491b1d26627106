"""What the community knows about a person, and how it lets go of it when the person is erased."""

from typing import Any

from django.db.models import QuerySet

from ronghe.apps.accounts import privacy
from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import ChainInvitation, CohortMembership, Role
from ronghe.apps.jobs.models import Job, Upload


def _export(person: Person) -> dict[str, Any]:
    roles = Role.objects.filter(person=person).select_related("organisation").order_by("valid_from", "pk")
    memberships = (
        CohortMembership.objects.filter(person=person)
        .select_related("cohort__organisation")
        .order_by("valid_from", "pk")
    )
    return {
        "roles": [
            {
                "role": role.kind,
                "organisation": role.organisation.name_zh,
                "from": role.valid_from,
                "until": role.valid_until,
                "recorded": role.recorded_at,
                "superseded": role.superseded_at,
            }
            for role in roles
        ],
        "cohorts": [
            {
                "cohort": row.cohort.name_zh,
                "university": row.cohort.organisation.name_zh,
                "student_number": row.student_number,
                "from": row.valid_from,
                "until": row.valid_until,
                "recorded": row.recorded_at,
                "superseded": row.superseded_at,
            }
            for row in memberships
        ],
        "invitations": [
            {
                "chain": invitation.chain.name_zh,
                "organisation": invitation.organisation_name,
                "sent": invitation.sent_at,
                "accepted": invitation.accepted_at,
            }
            for invitation in _invitations(person).select_related("chain").order_by("pk")
        ],
    }


def _invitations(person: Person) -> QuerySet[ChainInvitation]:
    """Those that were sent to the address of the person."""
    return ChainInvitation.objects.filter(email__iexact=person.email).exclude(email="")


def _erase(person: Person) -> int:
    """Student numbers and addresses of invitations go; that somebody held a role or a place stays, and past counts."""
    numbers = CohortMembership.objects.filter(person=person).exclude(student_number="").update(student_number="")
    return numbers + _invitations(person).update(email="")


def _export_jobs(person: Person) -> dict[str, Any]:
    return {
        "tasks": list(Job.objects.filter(owner=person).values("kind", "state", "message", "created_at", "finished_at")),
        "uploads": list(Upload.objects.filter(owner=person).values("import_name", "filename", "size", "created_at")),
    }


def _erase_jobs(person: Person) -> int:
    """The finished work of the person; files of records go with the next upload's housekeeping at the latest."""
    from ronghe.apps.jobs.uploads import path_of

    uploads = Upload.objects.filter(owner=person)
    for upload in uploads:
        path_of(upload).unlink(missing_ok=True)
    return uploads.delete()[0] + Job.objects.filter(owner=person).delete()[0]


privacy.register("community", export=_export, erase=_erase)
# Background work lies below accounts and cannot speak for itself.
privacy.register("jobs", export=_export_jobs, erase=_erase_jobs)
