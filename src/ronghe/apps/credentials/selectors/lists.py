"""Reads of achievements, issuers, certificates, reports and programs for pages and the API."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.accounts.names import search_key
from ronghe.apps.community import standing
from ronghe.apps.community.models import Organisation, RoleKind
from ronghe.apps.credentials import documents
from ronghe.apps.credentials.models import (
    Achievement,
    AchievementVersion,
    ApiKey,
    Certificate,
    CertificateState,
    Issuer,
    IssuerKey,
    MismatchReport,
    ReportState,
    Share,
)
from ronghe.apps.metrics import registry

SOON = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class AchievementRow:
    """One line of the list of achievements: its newest version and how many certificates hold."""

    achievement: Achievement
    newest: AchievementVersion
    issued: int
    standing: int


def achievements(user: Any) -> list[AchievementRow]:
    """Every achievement with its newest version and its certificates, in three queries."""
    found = list(Achievement.objects.visible_to(user).select_related("issuer__organisation"))
    newest: dict[int, AchievementVersion] = {}
    for version in AchievementVersion.objects.filter(achievement__in=found).order_by("number"):
        newest[version.achievement_id] = version
    now = timezone.now()
    good = Q(state=CertificateState.VALID) & (Q(valid_until__isnull=True) | Q(valid_until__gt=now))
    counts = {
        row["version__achievement"]: (row["issued"], row["standing"])
        for row in Certificate.objects.of_achievements()
        .order_by()
        .values("version__achievement")
        .annotate(issued=Count("pk"), standing=Count("pk", filter=good))
    }
    return [AchievementRow(one, newest[one.pk], *counts.get(one.pk, (0, 0))) for one in found if one.pk in newest]


def achievement_of(user: Any, uid: UUID) -> Achievement | None:
    """One achievement that the user may see."""
    return Achievement.objects.visible_to(user).select_related("issuer__organisation").filter(uid=uid).first()


def versions_of(achievement: Achievement) -> QuerySet[AchievementVersion]:
    """Its versions, newest first, with skills, conditions and how many certificates each has."""
    return (
        achievement.versions.annotate(issued=Count("certificates"))
        .prefetch_related("skills__skill", "conditions")
        .order_by("-number")
    )


def issuable_versions() -> list[AchievementVersion]:
    """The newest version of each achievement that is issued today."""
    later = AchievementVersion.objects.filter(achievement=OuterRef("achievement"), number__gt=OuterRef("number"))
    today = timezone.localdate()
    return list(
        AchievementVersion.objects.filter(~Exists(later))
        .filter(Q(achievement__retired_on__isnull=True) | Q(achievement__retired_on__gt=today))
        .select_related("achievement__issuer__organisation")
        .order_by("achievement__code")
    )


def unmeasured_conditions(version: AchievementVersion) -> list[str]:
    """The metrics that a version asks for and no station measures yet: issuing it is refused until one does."""
    return [
        condition.metric
        for condition in version.conditions.all()
        if not condition.is_waived and not registry.is_registered(condition.metric)
    ]


def issuers(user: Any) -> QuerySet[Issuer]:
    """Who issues, with the number of their certificates."""
    return Issuer.objects.visible_to(user).select_related("organisation").annotate(issued=Count("certificates"))


def certificates_of_key(key: IssuerKey) -> QuerySet[Certificate]:
    """What a key signed and is not revoked: what is to be issued anew once the key is."""
    return Certificate.objects.filter(key=key).exclude(state=CertificateState.REVOKED)


def certificates(
    user: Any, *, text: str = "", achievement: Achievement | None = None, state: str = ""
) -> QuerySet[Certificate]:
    """The certificates that a user may see, narrowed by code or holder, achievement and state."""
    found = (
        Certificate.objects.visible_to(user)
        .of_achievements()
        .select_related("version__achievement", "holder", "issuer__organisation", "key")
    )
    if text := text.strip():
        clause = Q(code__icontains=text)
        # Names are searched by those who read all of them; HR might guess a masked one.
        if user.has_perm("credentials.view_every_certificate"):
            clause |= Q(holder__name__icontains=text)
            if key := search_key(text):
                clause |= Q(holder__search_text__contains=key)
        found = found.filter(clause)
    if achievement is not None:
        found = found.filter(version__achievement=achievement)
    if state:
        found = found.filter(state=state)
    return found.order_by("-issued_at", "-pk")


def certificate_of(user: Any, uid: UUID) -> Certificate | None:
    """One certificate that the user may see."""
    return (
        Certificate.objects.visible_to(user)
        .select_related("version__achievement", "holder", "issuer__organisation", "key", "status_list", "replaces")
        .filter(uid=uid)
        .first()
    )


def own_certificates(person: Person) -> list[Certificate]:
    """A person's own certificates, newest first."""
    return list(
        Certificate.objects.filter(holder=person, version__isnull=False)
        .select_related("version__achievement", "issuer__organisation", "key")
        .order_by("-issued_at", "-pk")
    )


def ending_soon(person: Person) -> QuerySet[Certificate]:
    """A person's certificates that run out within sixty days and have no follower."""
    now = timezone.now()
    return Certificate.objects.good_at(now).filter(holder=person, replaced=False, valid_until__lte=now + SOON)


def shares_of(certificate: Certificate) -> QuerySet[Share]:
    """With whom a certificate is shared, open ones and closed ones."""
    return certificate.shares.select_related("organisation").order_by("-made_at")


def candidates(organisation: Organisation) -> QuerySet[Share]:
    """What holders share with an organisation today."""
    return (
        Share.objects.standing()
        .filter(organisation=organisation)
        .select_related("certificate__version__achievement", "certificate__holder", "certificate__issuer__organisation")
        .order_by("-made_at", "pk")
    )


def reports(state: str = "") -> QuerySet[MismatchReport]:
    """Reports of mismatches, those that wait first."""
    found = MismatchReport.objects.select_related("certificate__version", "answered_by")
    return found.filter(state=state) if state else found


def programs(user: Any) -> QuerySet[ApiKey]:
    """The keys of programs that a user looks after."""
    return ApiKey.objects.visible_to(user).select_related("organisation", "made_by")


@dataclass(frozen=True, slots=True)
class OfficeLine:
    """What waits for the office on its first screen."""

    open_reports: int
    ending_soon: int
    revoked_keys_in_use: int


def office_line() -> OfficeLine:
    """What waits for the office: reports without an answer, certificates that run out, those of revoked keys."""
    now = timezone.now()
    good = Certificate.objects.good_at(now).filter(replaced=False)
    return OfficeLine(
        open_reports=MismatchReport.objects.filter(state=ReportState.OPEN).count(),
        ending_soon=good.filter(valid_until__lte=now + SOON).count(),
        revoked_keys_in_use=good.filter(key__revoked_at__isnull=False).count(),
    )


def shares_with(user: Any, certificates: Sequence[Certificate]) -> dict[int, Share]:
    """By certificate, what its holder shares today with the enterprises whose HR the user is; the frankest of them."""
    own = standing.organisations(user, RoleKind.ENTERPRISE_HR)
    if not own:
        return {}
    found = Share.objects.standing().filter(certificate__in=certificates, organisation__in=own)
    return {share.certificate_id: share for share in found.order_by("shows_name", "pk")}


def holder_names(user: Any, certificates: Sequence[Certificate]) -> dict[int, str]:
    """By certificate, its holder's name as the user may read it: masked for HR unless the holder shows it."""
    shared = {} if user.has_perm("credentials.view_every_certificate") else shares_with(user, certificates)
    return {
        one.pk: documents.masked(one.holder.name)
        if one.pk in shared and one.holder_id != user.pk and not shared[one.pk].shows_name
        else one.holder.name
        for one in certificates
        if one.holder is not None
    }


def event_words(rows: Sequence[dict[str, Any]], language: str) -> list[tuple[int, str]]:
    """The events of a path that can be shown, by place, in the language of the page."""
    key = "zh" if language.startswith("zh") else "en"
    return [
        (place, f"{row['content']['on']} · {row['content'][key]}") for place, row in enumerate(rows) if "content" in row
    ]
