"""What demand can measure, by name. The figures of skills are computed together in `figures`, the gap in `gap`."""

from collections.abc import Callable, Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from ronghe.apps.demand import figures, forecasts, gap, waiting
from ronghe.apps.demand.figures import SkillFigures
from ronghe.apps.demand.models import Posting, Requirement
from ronghe.apps.metrics.measurement import COMMUNITY, Measurement, Unit, Window
from ronghe.apps.metrics.records import RecordColumn, show_records
from ronghe.apps.metrics.registry import metric

_SOURCE = "Hanley & MacGibbon 2006"


def _of_skills(
    skills: Sequence[int], window: Window, choose: Callable[[SkillFigures], Measurement]
) -> Mapping[int, Measurement]:
    found = figures.skill_figures(sorted(skills), window)
    return {skill: choose(found[skill]) for skill in skills}


@metric(
    "demand.postings.count",
    unit=Unit.COUNT,
    label=_("Postings"),
    definition=_(
        "Advertisements published in the period, each counted once: re-posts within 45 days and near-identical texts "
        "(similarity of 0.8 or more) are duplicates."
    ),
)
def postings_count(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    return {COMMUNITY: figures.posting_count(window)}


@metric(
    "demand.skill.postings",
    unit=Unit.COUNT,
    subject="demand.Skill",
    label=_("Postings that ask for a skill"),
    definition=_(
        "Advertisements of the period, each once, in which the skill was found and not rejected by a person, or "
        "accepted by one. 95% interval: Poisson bootstrap clustered by enterprise; none below five postings."
    ),
    source=_SOURCE,
)
def skill_postings(skills: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    return _of_skills(skills, window, lambda found: found.postings)


@metric(
    "demand.field.postings",
    unit=Unit.COUNT,
    subject="demand.SkillField",
    label=_("Postings that ask for a skill of a field"),
    definition=_("Advertisements of the period that ask for at least one skill of the field, each counted once."),
)
def field_postings(fields: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    return {
        field: Measurement(
            value=records.count,
            unit=Unit.COUNT,
            as_of=window.end,
            definition="demand.field.postings@1",
            count=records.count,
            records=records,
        )
        for field in fields
        for records in [forecasts.postings_behind(("field", field), window)]
    }


@metric(
    "demand.skill.share",
    unit=Unit.SHARE,
    subject="demand.Skill",
    label=_("Share of postings that ask for a skill"),
    definition=_(
        "Postings that ask for the skill ÷ all postings of the period from which skills were extracted. 95% interval: "
        "Poisson bootstrap clustered by enterprise; none below five postings."
    ),
    source=_SOURCE,
)
def skill_share(skills: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    return _of_skills(skills, window, lambda found: found.share)


@metric(
    "demand.skill.growth",
    unit=Unit.RELATIVE_CHANGE,
    subject="demand.Skill",
    label=_("Growth of a skill's share"),
    definition=_(
        "Relative change of the skill's share of postings against the period of the same length before it, each "
        "count plus one half; of shares, so that importing more advertisements is not growth. No data where "
        "the period before has fewer than five. 95% interval: Poisson bootstrap clustered by enterprise."
    ),
    source=_SOURCE,
)
def skill_growth(skills: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    return _of_skills(skills, window, lambda found: found.growth)


@metric(
    "demand.skill.headcount",
    unit=Unit.PERSONS,
    subject="demand.Skill",
    label=_("People sought with a skill"),
    definition=_(
        "Sum of the head counts of the postings that ask for the skill; one that states none counts as one person. "
        "95% interval: Poisson bootstrap clustered by enterprise; none below five postings."
    ),
    source=_SOURCE,
)
def skill_headcount(skills: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    return _of_skills(skills, window, lambda found: found.head_count)


@metric(
    "demand.skill.gap",
    unit=Unit.PERSONS,
    subject="demand.Skill",
    label=_("Talent gap"),
    definition=_(
        "Demand − supply on the last day of the period. Demand: postings without duplicates, by head count, their "
        "weight halving every 180 days, plus the head counts of requirements that stand. Supply: students, as the "
        "curriculum measures them; no data until it does. 95% interval: Poisson bootstrap clustered by enterprise."
    ),
    source=_SOURCE,
)
def skill_gap(skills: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    return gap.talent_gap(sorted(skills), window)


@metric(
    "demand.requirements.open",
    unit=Unit.COUNT,
    label=_("Requirements waiting for an answer"),
    definition=_("Requirements raised by the last day of the period and neither answered nor closed on it."),
)
def requirements_open(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    return {COMMUNITY: waiting.waiting_requirements(window)}


@metric(
    "demand.requirements.waiting_days",
    unit=Unit.DAYS,
    label=_("Days a requirement waits for its answer"),
    definition=_(
        "Median of the days from raised to answered or closed, over the requirements that waited on some day of the "
        "period; one that still waits on the last day counts with its age."
    ),
)
def requirements_waiting_days(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    return {COMMUNITY: waiting.waiting_days(window)}


def _heading(posting: Posting) -> str:
    return posting.heading


show_records(
    "demand.Posting",
    columns=[
        RecordColumn(_("Posting"), _heading, url=lambda posting: str(posting.get_absolute_url())),
        RecordColumn(_("Enterprise"), lambda posting: posting.organisation_name),
        RecordColumn(_("Published on"), lambda posting: posting.published_on),
        RecordColumn(_("Region"), lambda posting: posting.region),
        RecordColumn(_("Source"), lambda posting: posting.source.name),
    ],
    related=["source"],
)


def _organisation(requirement: Requirement) -> str:
    return requirement.organisation.name


show_records(
    "demand.Requirement",
    columns=[
        RecordColumn(
            _("Skill"), lambda requirement: requirement.skill.name, url=lambda row: str(row.get_absolute_url())
        ),
        RecordColumn(_("Enterprise"), _organisation),
        RecordColumn(_("Head count"), lambda requirement: requirement.head_count),
        RecordColumn(_("Raised on"), lambda requirement: requirement.raised_on),
        RecordColumn(_("Needed by"), lambda requirement: requirement.needed_by),
        RecordColumn(_("State"), lambda requirement: requirement.get_state_display()),
    ],
    related=["skill", "organisation"],
)
