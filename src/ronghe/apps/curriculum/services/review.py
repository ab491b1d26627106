"""From draft to release: send to review, review from both sides, take back, release. A release is final.

A version is released once a teacher of its university and a mentor of an enterprise have approved it in the same round;
neither may be who sent it to review or an author of one of its units.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import standing
from ronghe.apps.community.models import RoleKind
from ronghe.apps.community.services.permission import demand
from ronghe.apps.curriculum import events
from ronghe.apps.curriculum.content import content_of, hash_of, units_of
from ronghe.apps.curriculum.models import PackageVersion, Review, Side, Unit, Verdict, VersionState
from ronghe.apps.demand import services as demand_services
from ronghe.apps.demand.services.counting import renew_data_version
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.revision import take_revision
from ronghe.methods.revision_diff import RevisionDiff, revision_diff


class NotUnderReview(Exception):
    """The version is a draft or released: there is nothing to review or release."""

    def __init__(self, version: PackageVersion) -> None:
        if version.is_released:
            why = _("This version is released already.")
        else:
            why = _("This version is a draft. It is reviewed once it has been sent to review.")
        super().__init__(why)
        self.version = version


def _take(version: PackageVersion, revision: int) -> PackageVersion:
    taken = take_revision(PackageVersion, version.pk, expected=revision)
    taken.package = version.package
    return taken


def missing_for_review(version: PackageVersion, units: Sequence[Unit]) -> list[str]:
    """What a draft lacks before it can be reviewed, each as a sentence."""
    if not units:
        return [_("Write at least one unit first.")]
    problems = []
    empty = [unit.name for unit in units if not unit.declarations.all()]
    if empty:
        problems.append(
            ngettext(
                "This unit declares no skill yet: %(names)s. Declare what it teaches.",
                "These units declare no skill yet: %(names)s. Declare what they teach.",
                len(empty),
            )
            % {"names": "、".join(empty)}
        )
    unproven = [
        unit.name for unit in units if any(not one.evidence for one in unit.declarations.all())
    ]  # fmt: skip
    if unproven:
        problems.append(
            ngettext(
                "This unit does not say by what its skills are shown: %(names)s. Name the evidence of each.",
                "These units do not say by what their skills are shown: %(names)s. Name the evidence of each.",
                len(unproven),
            )
            % {"names": "、".join(unproven)}
        )
    if version.number > 1 and not version.summary:
        problems.append(_("Say what is new in this version and why."))
    return problems


@transaction.atomic
def submit_version(*, actor: Person, version: PackageVersion, revision: int) -> PackageVersion:
    """Send a draft to review. Raises StaleRevision, NotADraft, and ValidationError with all that is missing."""
    from ronghe.apps.curriculum.services.drafting import NotADraft

    demand(actor, "curriculum.edit_programme", version.package.course.programme)
    version = _take(version, revision)
    if version.state != VersionState.DRAFT:
        raise NotADraft(version)
    units = units_of(version)
    if problems := missing_for_review(version, units):
        raise ValidationError(problems)
    version.state = VersionState.REVIEW
    version.round += 1
    version.submitted_by, version.submitted_on = actor, timezone.localdate()
    version.save()
    ledger.record(
        actor=actor,
        type=events.VERSION_SUBMITTED,
        subject=version,
        payload={"round": version.round, "content_hash": hash_of(version, units)},
    )
    return version


@transaction.atomic
def recall_version(*, actor: Person, version: PackageVersion, revision: int) -> PackageVersion:
    """Take a version back from review to change it; approvals given so far no longer hold."""
    demand(actor, "curriculum.edit_programme", version.package.course.programme)
    version = _take(version, revision)
    if version.state != VersionState.REVIEW:
        raise NotUnderReview(version)
    version.state = VersionState.DRAFT
    version.save()
    ledger.record(actor=actor, type=events.VERSION_RECALLED, subject=version, payload={"round": version.round})
    return version


def is_involved(person: Person, version: PackageVersion, units: Sequence[Unit]) -> bool:
    """Whether someone sent this version to review or wrote one of its units."""
    authors = {unit.university_author_id for unit in units} | {unit.enterprise_author_id for unit in units}
    return person.pk in authors | {version.submitted_by_id}


def side_of(person: Person, version: PackageVersion) -> tuple[Side, int] | None:
    """From which side someone may review a version, and for which organisation; None where from neither."""
    university = version.package.course.programme.organisation_id
    if standing.holds(person, RoleKind.TEACHER, university):
        return Side.UNIVERSITY, university
    firms = sorted(standing.organisations(person, RoleKind.MENTOR))
    return (Side.ENTERPRISE, firms[0]) if firms else None


@transaction.atomic
def review_version(*, actor: Person, version: PackageVersion, revision: int, verdict: str, comment: str = "") -> Review:
    """Say what a reviewer thinks of exactly the content seen in `revision`; asking for changes makes it a draft again.

    Raises PermissionDenied for those too close to it, StaleRevision, NotUnderReview and ValidationError.
    """
    demand(actor, "curriculum.review_version", version)
    side = side_of(actor, version)
    if side is None:
        raise PermissionDenied(_("Teachers of the university and mentors of enterprises review its packages."))
    if verdict not in Verdict.values:
        raise ValidationError({"verdict": _("Choose one of the two.")})
    comment = comment.strip()
    if verdict == Verdict.CHANGES and not comment:
        raise ValidationError({"comment": _("Say what has to change.")})
    version = _take(version, revision)
    if version.state != VersionState.REVIEW:
        raise NotUnderReview(version)
    units = units_of(version)
    if is_involved(actor, version, units):
        raise PermissionDenied(_("Who sent a version to review or wrote one of its units does not review it."))
    if version.reviews.filter(round=version.round, reviewer=actor).exists():
        raise ValidationError(_("You have reviewed this version in this round already."))
    review = Review(
        version=version,
        round=version.round,
        side=side[0],
        verdict=verdict,
        comment=comment,
        reviewer=actor,
        organisation_id=side[1],
    )
    review.clean_fields(exclude=["version", "reviewer", "organisation"])
    review.save()
    if verdict == Verdict.CHANGES:
        version.state = VersionState.DRAFT
        version.save()
    ledger.record(
        actor=actor,
        type=events.VERSION_REVIEWED,
        subject=version,
        payload={
            "round": version.round,
            "side": str(side[0]),
            "verdict": str(verdict),
            "comment": comment,
            "organisation": review.organisation,
            "content_hash": hash_of(version, units),
        },
    )
    return review


def approvals(version: PackageVersion) -> dict[str, Review]:
    """The approvals of the round that runs, by side."""
    found = version.reviews.filter(round=version.round, verdict=Verdict.APPROVED).select_related(
        "reviewer", "organisation"
    )
    return {review.side: review for review in found}


def last_released(version: PackageVersion) -> PackageVersion | None:
    """The released version before this one."""
    earlier = version.package.versions.filter(state=VersionState.RELEASED, number__lt=version.number)
    return earlier.order_by("-number").first()


@transaction.atomic
def release_version(
    *, actor: Person, version: PackageVersion, revision: int, released_on: date | None = None
) -> PackageVersion:
    """Release a version that both sides approved, as of today; it can change no more from then on.

    Only those who may backdate a release name an earlier day, for what was taught before it was recorded here; the
    record keeps today's date beside it. Requirements that it answers are closed. Raises StaleRevision, NotUnderReview
    and ValidationError.
    """
    demand(actor, "curriculum.edit_programme", version.package.course.programme)
    today = timezone.localdate()
    if released_on is not None and released_on != today:
        demand(actor, "curriculum.backdate_release")
    version = _take(version, revision)
    if version.state != VersionState.REVIEW:
        raise NotUnderReview(version)
    approved = approvals(version)
    if lacking := [str(side.label) for side in Side if side not in approved]:
        raise ValidationError(_("It still lacks the approval of: %(sides)s.") % {"sides": "、".join(lacking)})
    before = last_released(version)
    day = released_on or today
    _check_day(day, version, before, today)
    units = units_of(version)
    found = _date_units(units, units_of(before) if before else [], day)
    taught = _levels(units)
    answered = demand_services.close_taught(actor=actor, skills=taught, on=day)
    version.state = VersionState.RELEASED
    version.released_on, version.released_by, version.recorded_at = day, actor, timezone.now()
    version.content_hash = hash_of(version, units)
    version.save()
    if before is not None:
        PackageVersion.objects.filter(pk=before.pk).update(superseded_on=day)
    renew_data_version()
    ledger.record(
        actor=actor,
        type=events.VERSION_RELEASED,
        subject=version,
        payload={
            "package": version.package,
            "number": version.number,
            "released_on": day,
            "units": len(units),
            "replaced": found.replaced if before else 0,
            "skills": sorted({one.skill.code for unit in units for one in unit.declarations.all()}),
            "requirements": [str(requirement.uid) for requirement in answered],
            "content_hash": version.content_hash,
        },
    )
    return version


def _check_day(day: date, version: PackageVersion, before: PackageVersion | None, today: date) -> None:
    if day > today:
        raise ValidationError({"released_on": _("A version is released today or was on an earlier day.")})
    if day < version.package.opened_on:
        raise ValidationError({"released_on": _("The package was not open yet on this day.")})
    if before and before.released_on and day < before.released_on:
        raise ValidationError({"released_on": _("The version before it was released later than this day.")})


def _levels(units: Sequence[Unit]) -> dict[int, int]:
    taught: dict[int, int] = {}
    for unit in units:
        for one in unit.declarations.all():
            taught[one.skill_id] = max(one.skill_level, taught.get(one.skill_id, 0))
    return taught


def _date_units(units: Sequence[Unit], before: Sequence[Unit], day: date) -> RevisionDiff:
    """Write on each unit what this release did to it; content that lives on keeps the day from which it is."""
    found = revision_diff(content_of(before), content_of(units))
    days: dict[str, Any] = {str(unit.key): unit.renewed_on for unit in before}
    for unit, change in zip(units, found.units, strict=True):
        unit.change, unit.novelty = change.kind.value, round(change.novelty, 6)
        origin = str(unit.key) if str(unit.key) in days else next(iter(change.origins), None)
        known = days.get(origin) if origin else None
        unit.renewed_on = day if change.kind.is_substantive or known is None else known
    Unit.objects.bulk_update(units, ["change", "novelty", "renewed_on"])
    return found
