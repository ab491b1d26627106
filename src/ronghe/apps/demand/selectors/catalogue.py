"""The lexicon and the choices of filters as pages need them, kept while the data stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Min, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from ronghe.apps.demand import figures
from ronghe.apps.demand.figures import DataState
from ronghe.apps.demand.models import DataVersion, Posting, Skill, SkillField, Source
from ronghe.apps.metrics.measurement import Window

MONTHS_SHOWN = 12


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")


@dataclass(frozen=True, slots=True)
class Label:
    """A name in both languages, of a field, a group or a skill."""

    key: int
    code: str
    name_zh: str
    name_en: str

    @property
    def name(self) -> str:
        """The name in the language of the page."""
        return self.name_zh if _chinese() else self.name_en

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class SkillLabel(Label):
    """A skill with its group and field."""

    group: Label
    field: Label

    def get_absolute_url(self) -> str:
        return reverse("demand:skill", args=[self.code])


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The lexicon's skills as pages need them, kept while the data stand."""

    fields: tuple[Label, ...]
    groups: tuple[tuple[Label, Label], ...]
    skills: Mapping[int, SkillLabel]
    by_code: Mapping[str, SkillLabel]

    def groups_of(self, field: str) -> list[Label]:
        """The groups of a field, or all of them."""
        return [group for group, of in self.groups if not field or of.code == field]


def catalogue(state: DataState | None = None) -> Catalogue:
    """The fields, groups and skills that stand in the lexicon: two queries, then kept."""
    return figures.kept(state or figures.data_state(), "catalogue", _catalogue)


def _catalogue() -> Catalogue:
    fields: dict[int, Label] = {}
    groups: dict[int, tuple[Label, Label]] = {}
    for one in SkillField.objects.filter(retired_at__isnull=True).prefetch_related("groups"):
        fields[one.pk] = Label(one.pk, one.code, one.name_zh, one.name_en)
        for group in one.groups.all():
            if group.retired_at is None:
                label = Label(group.pk, group.code, group.name_zh, group.name_en)
                groups[group.pk] = (label, fields[one.pk])
    skills = {
        skill.pk: SkillLabel(skill.pk, skill.code, skill.name_zh, skill.name_en, *groups[skill.group_id])
        for skill in Skill.objects.current()
    }
    by_code = {skill.code: skill for skill in skills.values()}
    return Catalogue(tuple(fields.values()), tuple(groups.values()), skills, by_code)


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters of demand offer."""

    fields: Sequence[Label]
    groups: Sequence[Label]
    sources: Sequence[tuple[int, str]]
    regions: Sequence[str]
    months: Sequence[date]


def choices(field: str = "", state: DataState | None = None) -> Choices:
    """The filters' choices; the groups are those of `field`. Three queries, then kept."""
    state = state or figures.data_state()
    known = catalogue(state)
    sources, regions, months = figures.kept(state, "choices", _choices)
    return Choices(known.fields, known.groups_of(field), sources, regions, months)


def _choices() -> tuple[list[tuple[int, str]], list[str], list[date]]:
    sources = list(Source.objects.values_list("pk", "name"))
    regions = list(Posting.objects.exclude(region="").order_by("region").values_list("region", flat=True).distinct())
    ends = Posting.objects.aggregate(first=Min("published_on"), last=Max("published_on"))
    months = figures.months_of(Window(ends["first"], ends["last"])) if ends["first"] else []
    return sources, regions, months


def default_window(state: DataState | None = None) -> Window:
    """The twelve months up to the latest posting; up to this month while there are none."""
    months = choices(state=state).months
    last = months[-1] if months else timezone.localdate()
    first = figures.shift_month(last, 1 - MONTHS_SHOWN)
    return figures.month_window(max(first, months[0]) if months else first, last)


def sources() -> QuerySet[Source]:
    """All sources of postings by name."""
    return Source.objects.all()


@dataclass(frozen=True, slots=True)
class ProcessingState:
    """How far the work on the postings is. `extractor` is the version with which the latest were read."""

    postings: int
    duplicates: int
    waiting_for_comparison: int
    waiting_for_extraction: int
    extractor: str


def processing_state(state: DataState | None = None) -> ProcessingState:
    """How many postings wait for what. Five queries, then kept."""
    return figures.kept(state or figures.data_state(), "processing", _processing_state)


def _processing_state() -> ProcessingState:
    version = DataVersion.objects.filter(pk=1).values_list("extractor", flat=True).first() or ""
    return ProcessingState(
        postings=Posting.objects.count(),
        duplicates=Posting.objects.filter(duplicate_of__isnull=False).count(),
        waiting_for_comparison=Posting.objects.filter(compared_at__isnull=True).count(),
        waiting_for_extraction=Posting.objects.exclude(extracted_with=version or "none").count(),
        extractor=version,
    )
