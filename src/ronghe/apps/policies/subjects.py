"""Whom a rule can ask something of: kinds of subjects, the facts by which scopes are told, and who may see whose."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronghe.apps.community import standing
from ronghe.apps.community.models import Chain, ChainMembership, Cohort, Organisation, OrganisationKind, RoleKind, Tier
from ronghe.apps.metrics.measurement import COMMUNITY

# What the platform trains: a rule for vocational pupils does not apply to professional master's students.
EDUCATION = "professional-master"


class SubjectKind(models.TextChoices):
    """The kinds of subjects; the community as a whole is one of its own."""

    CHAIN = "chain", gettext_lazy("Chain")
    ENTERPRISE = "enterprise", gettext_lazy("Enterprise")
    COHORT = "cohort", gettext_lazy("Cohort")
    COMMUNITY = "community", gettext_lazy("The community")


_MODELS = {
    "community.chain": SubjectKind.CHAIN,
    "community.organisation": SubjectKind.ENTERPRISE,
    "community.cohort": SubjectKind.COHORT,
    "": SubjectKind.COMMUNITY,
}
# The facts that a scope may ask about, and of which kinds they are known. `region` is a code of GB/T 2260.
FACTS: dict[str, frozenset[SubjectKind]] = {
    "region": frozenset({SubjectKind.CHAIN, SubjectKind.ENTERPRISE, SubjectKind.COHORT}),
    "field": frozenset({SubjectKind.CHAIN, SubjectKind.COHORT}),
    "tier": frozenset({SubjectKind.ENTERPRISE}),
    "education": frozenset(SubjectKind),
}

Facts = Mapping[int, Mapping[str, str | None]]


def kind_of_model(label: str) -> SubjectKind | None:
    """The kind of subject that a metric of model `label` measures; None for a model no rule can be about."""
    return _MODELS.get(label.lower())


def subjects_of(kind: SubjectKind, day: date) -> dict[int, Any]:
    """All subjects of a kind that stand on `day`, by key and in the order of their names."""
    match kind:
        case SubjectKind.CHAIN:
            found: Any = Chain.objects.during(day, day).select_related("region")
        case SubjectKind.ENTERPRISE:
            found = Organisation.objects.filter(kind=OrganisationKind.ENTERPRISE, registered_on__lte=day)
            found = found.select_related("region")
        case SubjectKind.COHORT:
            found = Cohort.objects.filter(academic_year__starts_on__lte=day).select_related(
                "organisation__region", "academic_year"
            )
        case SubjectKind.COMMUNITY:
            return {COMMUNITY: TheCommunity()}
    return {subject.pk: subject for subject in found}


def subject(kind: SubjectKind, key: int) -> Any:
    """One subject, whether or not it stands today; None when there is none."""
    match kind:
        case SubjectKind.CHAIN:
            return Chain.objects.select_related("region").filter(pk=key).first()
        case SubjectKind.ENTERPRISE:
            found = Organisation.objects.filter(kind=OrganisationKind.ENTERPRISE)
            return found.select_related("region").filter(pk=key).first()
        case SubjectKind.COHORT:
            return Cohort.objects.select_related("organisation__region", "academic_year").filter(pk=key).first()
        case SubjectKind.COMMUNITY:
            return TheCommunity() if key == COMMUNITY else None


class TheCommunity:
    """The community as a subject: it has a name and a key, and no row."""

    pk = COMMUNITY

    @property
    def name(self) -> str:
        """What it is called."""
        return _("The community")

    def get_absolute_url(self) -> str:
        return ""

    def __str__(self) -> str:
        return self.name


def facts_of(
    kind: SubjectKind, subjects: Mapping[int, Any], day: date, known_at: datetime | None
) -> dict[int, dict[str, str | None]]:
    """What a scope may ask of each subject, in at most one query. A fact that is not recorded is None."""
    known: dict[int, dict[str, str | None]] = {key: {"education": EDUCATION} for key in subjects}
    match kind:
        case SubjectKind.CHAIN:
            for key, chain in subjects.items():
                known[key] |= {"region": _code(chain.region), "field": chain.field}
        case SubjectKind.ENTERPRISE:
            tiers = _highest_tiers(subjects, day, known_at)
            for key, firm in subjects.items():
                known[key] |= {"region": _code(firm.region), "tier": tiers.get(key, "none")}
        case SubjectKind.COHORT:
            for key, cohort in subjects.items():
                known[key] |= {"region": _code(cohort.organisation.region), "field": cohort.field}
        case SubjectKind.COMMUNITY:
            pass
    return known


def _code(region: Any) -> str | None:
    return region.code if region is not None else None


def _highest_tiers(subjects: Mapping[int, Any], day: date, known_at: datetime | None) -> dict[int, str]:
    """The tier of each enterprise on `day`: leader if it leads any chain, else member."""
    rows = ChainMembership.objects.on(day, known_at=known_at).order_by().values_list("organisation_id", "tier")
    tiers: dict[int, str] = {}
    for organisation, tier in rows.filter(organisation__in=list(subjects)) if len(subjects) == 1 else rows:
        if organisation in subjects and tiers.get(organisation) != Tier.LEADER:
            tiers[organisation] = tier
    return tiers


def sees_all(user: Any) -> bool:
    """The office and government reviewers see every subject."""
    return standing.holds(user, RoleKind.OFFICE) or standing.holds(user, RoleKind.REVIEWER)


def own_keys(user: Any, kind: SubjectKind, day: date) -> set[int]:
    """Keys of the subjects of `kind` that concern someone who does not see all: their chains, firms and cohorts."""
    match kind:
        case SubjectKind.CHAIN:
            places = standing.organisations(user, (RoleKind.ENTERPRISE_HR, RoleKind.TEACHER))
            held = ChainMembership.objects.on(day).filter(organisation__in=places) if places else None
            return set(held.order_by().values_list("chain_id", flat=True)) if held is not None else set()
        case SubjectKind.ENTERPRISE:
            return standing.organisations(user, RoleKind.ENTERPRISE_HR)
        case SubjectKind.COHORT:
            taught = standing.organisations(user, RoleKind.TEACHER)
            return set(Cohort.objects.filter(organisation__in=taught).values_list("pk", flat=True)) if taught else set()
        case SubjectKind.COMMUNITY:
            kinds = (RoleKind.ENTERPRISE_HR, RoleKind.TEACHER)
            return {COMMUNITY} if standing.organisations(user, kinds) else set()


def visible(user: Any, kind: SubjectKind, subjects: Mapping[int, Any], day: date) -> dict[int, Any]:
    """Those of `subjects` whose obligations `user` may see."""
    if sees_all(user):
        return dict(subjects)
    own = own_keys(user, kind, day)
    return {key: one for key, one in subjects.items() if key in own}


def names_of(pairs: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Any]:
    """The subjects named by (kind, key), in at most one query a kind; those that are gone are left out."""
    wanted: dict[str, set[int]] = {}
    for kind, key in pairs:
        wanted.setdefault(kind, set()).add(key)
    found: dict[tuple[str, int], Any] = {}
    models_of = {SubjectKind.CHAIN: Chain, SubjectKind.ENTERPRISE: Organisation, SubjectKind.COHORT: Cohort}
    for kind, keys in wanted.items():
        if kind == SubjectKind.COMMUNITY:
            found[kind, COMMUNITY] = TheCommunity()
            continue
        manager: Any = models_of[SubjectKind(kind)]._default_manager
        found |= {(kind, row.pk): row for row in manager.filter(pk__in=keys)}
    return found
