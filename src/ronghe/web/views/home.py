"""The first screen: what waits for this person, by role. It shows what stands, and says "no data" of what does not yet.

Each role's screen is one function with a bounded number of queries; whoever holds several roles has a tab for each.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_safe

from ronghe.apps.accounts import purposes
from ronghe.apps.accounts.models import Person
from ronghe.apps.community import selectors as community
from ronghe.apps.community import standing
from ronghe.apps.community.models import ChainMembership, CohortMembership, Organisation, RoleKind, StudyField
from ronghe.apps.curriculum import selectors as curriculum
from ronghe.apps.curriculum.selectors.index import Scope, index_page
from ronghe.apps.demand import selectors as demand
from ronghe.apps.demand.models import Requirement, RequirementState
from ronghe.apps.jobs import registry as work
from ronghe.apps.jobs.models import Job, JobState, Upload
from ronghe.apps.ledger import selectors as ledger
from ronghe.apps.metrics import registry as metrics
from ronghe.apps.metrics.measurement import Window
from ronghe.apps.policies.forms import MomentForm
from ronghe.apps.policies.rows import query_of
from ronghe.apps.policies.selectors import waiting as policies
from ronghe.apps.policies.selectors.obligations import Moment
from ronghe.apps.pool import selectors as pool
from ronghe.apps.sites.selectors import waiting as sites
from ronghe.web.views import home_chains as chains
from ronghe.web.views import home_credentials as credentials
from ronghe.web.views import home_mentors as mentors
from ronghe.web.views import home_training as training

_WAITING_SHOWN = 6
_SKILLS_SHOWN = 8
_CARDS_SHOWN = 8
# A requirement that waits longer than this is shown as late.
_LATE_AFTER = timedelta(days=30)
_UNITS_SHOWN = 5
_FAILURES_SHOWN_FOR = timedelta(days=7)
_YEAR = timedelta(days=365)

# Which role's screen comes first for whoever holds several.
ROLES = (
    RoleKind.OFFICE,
    RoleKind.ENTERPRISE_HR,
    RoleKind.TEACHER,
    RoleKind.MENTOR,
    RoleKind.STUDENT,
    RoleKind.REVIEWER,
)
# Whose screen has all that waits in one list; the others have a card for each station.
_ONE_LIST = (RoleKind.OFFICE, RoleKind.MENTOR, RoleKind.STUDENT)


@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """The screen of the role asked for by `?as=`, else of the first role this person holds."""
    me = request.user
    if not isinstance(me, Person):
        raise Http404
    held = {kind for kind, _organisation in standing.held_by(me)}
    kinds = [kind for kind in ROLES if kind in held]
    if not kinds:
        asked = {"asked_as_expert": demand.rounds_waiting_for(me), "pool": pool.waiting_for(me)}
        return render(request, "home/nobody.html", {"me": me, **asked})
    wanted = request.GET.get("as", "")
    kind = next((one for one in kinds if one.value == wanted), kinds[0])
    tabs = [{"label": one.label, "url": f"?as={one.value}", "current": one == kind} for one in kinds if len(kinds) > 1]
    context = {
        "me": me,
        "tabs": tabs,
        "kind": kind.value,
        "today": timezone.localdate(),
        "asked_as_expert": demand.rounds_waiting_for(me),
        "pool": pool.waiting_for(me) if kind not in _ONE_LIST else [],
        "places": sites.waiting_for(me) if kind not in _ONE_LIST else [],
        "mentoring": mentors.items(me) if kind not in _ONE_LIST else [],
        "matching": chains.matching_items(me) if kind not in _ONE_LIST else [],
        "placing": training.items(me) if kind in (RoleKind.ENTERPRISE_HR, RoleKind.TEACHER) else [],
        **SCREENS[kind](request, me),
    }
    return render(request, f"home/{kind.value}.html", context)


def _skills(fields: Sequence[str] = (), *, rising: bool = False) -> dict[str, Any]:
    """The skills asked for most, or whose share grows fastest, in one field or in all, as bars or dots."""
    field = fields[0] if len(fields) == 1 else ""
    found = demand.overview(field=field, sort="-growth" if rising else "-postings", page_size=_SKILLS_SHOWN)
    rows = [row for row in found.page.object_list if not rising or (row.growth.value or 0) > 0]
    if rising and not rows:
        return _skills(fields)
    scale = 100 if rising else 1
    return {
        "skills": [
            {
                "label": row.skill.name,
                "href": row.skill.get_absolute_url(),
                "value": measured.value * scale if measured.value is not None else None,
                "low": measured.low * scale if measured.low is not None else None,
                "high": measured.high * scale if measured.high is not None else None,
            }
            for row in rows
            for measured in [row.growth if rising else row.postings]
        ],
        "skills_rising": rising,
        "skills_window": found.window,
        "skills_field": StudyField(field).label if field in StudyField.values else "",
        "overview": found,
        "overview_url": reverse("demand:overview") + (f"?field={field}" if field else ""),
    }


def _organisations(me: Person, kind: RoleKind) -> list[Organisation]:
    return list(community.organisations_where(me, kind))


def _fields(organisations: Iterable[Organisation]) -> list[str]:
    """The fields of the chains of these organisations, each once."""
    held = ChainMembership.objects.on(timezone.localdate()).filter(organisation__in=[one.pk for one in organisations])
    return list(dict.fromkeys(held.order_by("chain__name_zh").values_list("chain__field", flat=True)))


def _days(number: int) -> str:
    return ngettext("%(days)s day", "%(days)s days", number) % {"days": number}


def _heads(requirement: Requirement) -> str:
    number = requirement.head_count
    return ngettext("%(heads)s person", "%(heads)s people", number) % {"heads": number}


def _waiting_requirements(me: Person, today: date) -> tuple[list[dict[str, Any]], int]:
    """The requirements that wait for the office, the one that waited longest first, and how many there are in all."""
    found = demand.requirements(me, state=RequirementState.OPEN).order_by("raised_on", "pk")
    items = []
    for row in demand.requirement_rows(me, found[:_WAITING_SHOWN]):
        need = row.requirement
        late = row.is_overdue or today - need.raised_on > _LATE_AFTER
        items.append(
            {
                "title": _("Answer: %(skill)s") % {"skill": need.skill.name},
                "text": f"{need.organisation.name} · {_heads(need)} · "
                + _("needed by %(day)s") % {"day": need.needed_by.isoformat()},
                "due": _days(row.days_waited),
                "state": "bad" if late else "warn",
                "url": need.get_absolute_url(),
            }
        )
    return items, found.count()


def _own_work(me: Person) -> list[dict[str, Any]]:
    """Own tasks that run or failed of late, and files that were checked and wait to be written."""
    recent = timezone.now() - _FAILURES_SHOWN_FOR
    jobs = Job.objects.filter(owner=me)
    shown = [*jobs.unfinished()[:3], *jobs.filter(state=JobState.FAILED, finished_at__gte=recent)[:3]]
    items = [
        {
            "title": work.label_of(job.kind),
            "text": job.error or job.message,
            "due": job.get_state_display(),
            "state": "bad" if job.state == JobState.FAILED else "progress",
            "url": reverse("jobs:status", args=[job.uid]),
        }
        for job in shown
    ]
    uploads = Upload.objects.visible_to(me).filter(finished_at__isnull=True, write_job__isnull=True)
    items += [
        {
            "title": _("Import to confirm: %(file)s") % {"file": upload.filename},
            "due": _("checked"),
            "state": "warn",
            "url": upload.get_absolute_url(),
        }
        for upload in uploads.order_by("-created_at")[:3]
        if upload.is_checked
    ]
    return items


def _station(label: Any, note: Any) -> dict[str, Any]:
    """A station that measures nothing yet, and why."""
    return {"label": label, "value": None, "note": note}


def _curriculum_station() -> dict[str, Any]:
    """The index of the community, and how many units are due for renewal."""
    today = timezone.localdate()
    cri = metrics.measure_community("curriculum.cri", Window(today, today))
    if cri.value is None:
        return _station(_("Curriculum"), _("no programme recorded yet"))
    due = metrics.measure_community("curriculum.units.due", Window(today, today))
    return {
        "label": _("Curriculum"),
        "value": cri.value,
        "low": cri.low,
        "high": cri.high,
        "decimals": 1,
        "unit": _("CRI"),
        "note": ngettext("%(count)s unit due for renewal", "%(count)s units due for renewal", int(due.value or 0))
        % {"count": int(due.value or 0)},
        "href": reverse("curriculum:overview"),
    }


def _training_station() -> dict[str, Any]:
    """How many seats were offered within a year."""
    today = timezone.localdate()
    seats = metrics.measure_community("positions.seats_offered", Window(today - _YEAR, today))
    if not seats.value:
        return _station(_("Training"), _("no position offered yet"))
    return {
        "label": _("Training"),
        "value": seats.value,
        "decimals": 0,
        "unit": pgettext("unit", "seats"),
        "note": _("offered within a year"),
        "href": reverse("positions:overview"),
    }


def _credentials_station() -> dict[str, Any]:
    """How many certificates hold today."""
    today = timezone.localdate()
    holding = metrics.measure_community("credentials.certificates.holding", Window(today, today))
    if not holding.value:
        return _station(_("Credentials"), _("none issued yet"))
    return {
        "label": _("Credentials"),
        "value": holding.value,
        "decimals": 0,
        "unit": pgettext("unit", "certificates"),
        "note": _("hold today"),
        "href": reverse("credentials:overview"),
    }


def _stations(overview: demand.Overview) -> list[dict[str, Any]]:
    """The loop's six stations; those that have no records yet say so."""
    return [
        {
            "label": _("Demand"),
            "value": overview.skills_asked or None,
            "unit": pgettext("unit", "skills"),
            "note": ngettext("%(count)s posting counted", "%(count)s postings counted", overview.postings.count)
            % {"count": f"{overview.postings.count:,}"},
            "href": reverse("demand:overview"),
        },
        _curriculum_station(),
        training.station() or _training_station(),
        _credentials_station(),
        _station(_("Outcomes"), _("no graduate followed yet")),
        _station(_("Evaluation"), _("no round held yet")),
    ]


def _elsewhere(me: Person) -> list[dict[str, Any]]:
    """What waits for this person in the pool, in matching and at sites."""
    return chains.pool_items(me) + chains.matching_items(me) + chains.place_items(me)


def _by_day(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The earliest day first; what has none comes after."""
    return sorted(items, key=lambda item: str(item["due"]))


def office(request: HttpRequest, me: Person) -> dict[str, Any]:
    """What waits for the office, the loop, what grows, and the chains."""
    requirements, waiting = _waiting_requirements(me, timezone.localdate())
    waits = chains.pool_items(me) + mentors.items(me) + chains.matching_items(me) + chains.place_items(me)
    own = (
        _own_work(me)
        + training.items(me)
        + training.broken_plans()
        + training.credit_items(me)
        + chains.papers(me)
        + waits
        + chains.alerts(me)
        + credentials.items()
    )
    processing = demand.processing_state()
    if processing.waiting_for_extraction:
        own.append(
            {
                "title": _("Postings wait to be read"),
                "text": _("%(count)s were not read with today's lexicon.")
                % {"count": f"{processing.waiting_for_extraction:,}"},
                "due": "",
                "url": reverse("demand:posting_list"),
            }
        )
    skills = _skills(rising=True)
    return {
        **skills,
        "waiting": waiting + len(own),
        "inbox": own + requirements,
        "more": waiting - len(requirements),
        "stations": _stations(skills["overview"]),
        "chains": chains.chain_table(me),
        "figures": chains.figures(),
        "has_postings": bool(processing.postings),
    }


def enterprise_hr(request: HttpRequest, me: Person) -> dict[str, Any]:
    """Own firms, what they asked for and what was answered, and what the field asks for."""
    firms = _organisations(me, RoleKind.ENTERPRISE_HR)
    keys = [firm.pk for firm in firms]
    found = demand.requirements(me).filter(organisation__in=keys).order_by("-recorded_at")
    rows = demand.requirement_rows(me, found[:_CARDS_SHOWN])
    counts = dict.fromkeys(RequirementState.values, 0)
    for state in Requirement.objects.filter(organisation__in=keys).values_list("state", flat=True):
        counts[state] += 1
    asked = [
        row for row in rows if row.answers and row.answers[-1].kind == "question" and row.requirement.state == "open"
    ]
    return {
        **_skills(_fields(firms)),
        "firms": firms,
        "papers": chains.papers(me),
        "gates": chains.gates(me),
        "positions": chains.positions(firms),
        "obligations": chains.obligations(me, Moment(timezone.localdate())),
        "incentives": chains.incentives(me, firms),
        "rows": [{"row": row, "answer": row.answers[-1] if row.answers else None} for row in rows],
        "counts": [(label, counts[state], state) for state, label in RequirementState.choices],
        "total": sum(counts.values()),
        "asked": asked,
        "candidates": credentials.candidates(firms),
    }


def mentor(request: HttpRequest, me: Person) -> dict[str, Any]:
    """What waits, the load and fees of the year, and what the firm's field asks for."""
    firms = _organisations(me, RoleKind.MENTOR)
    return {
        **_skills(_fields(firms)),
        **mentors.mentoring(me),
        "mentoring": _by_day(training.items(me) + mentors.items(me) + _elsewhere(me)),
        "confirms": training.has_to_confirm(me),
        "ahead": training.ahead(me),
        "firms": firms,
        "reviews": curriculum.waiting_reviews(me),
    }


def teacher(request: HttpRequest, me: Person) -> dict[str, Any]:
    """Units due for renewal, what skills cost the index, what rises in the field, and what enterprises wait for."""
    today = timezone.localdate()
    universities = _organisations(me, RoleKind.TEACHER)
    fields = _fields(universities)
    wanted = request.GET.get("field", "")
    chosen = [wanted] if wanted in fields else fields[:1]
    needs = demand.requirements(me, field=chosen[0] if chosen else "")
    rows = demand.requirement_rows(
        me, needs.filter(state__in=[RequirementState.OPEN, RequirementState.ANSWERED])[:_CARDS_SHOWN]
    )
    due = curriculum.due_units(me, organisations=[one.pk for one in universities])
    index = index_page(today, Scope())
    return {
        **_skills(chosen, rising=True),
        "due": due[:_UNITS_SHOWN],
        "due_count": len(due),
        "has_units": bool(due) or curriculum.is_anything_taught(me),
        "reviews": curriculum.waiting_reviews(me),
        "index": index,
        "costs": [
            {"label": line.skill.name, "value": line.cost, "href": line.skill.get_absolute_url()}
            for line in (index.skills if index else ())
            if not chosen or line.skill.field.code in chosen
        ][:_SKILLS_SHOWN],
        "universities": universities,
        "training": mentors.training(me),
        "fields": [
            {"label": StudyField(field).label, "url": f"?as=teacher&field={field}", "current": field in chosen}
            for field in fields
            if field in StudyField.values
        ],
        "rows": [{"row": row, "answer": row.answers[-1] if row.answers else None} for row in rows],
    }


def student(request: HttpRequest, me: Person) -> dict[str, Any]:
    """What is due today, the placement, credits still needed, what enterprises ask for, and what one has agreed to."""
    today = timezone.localdate()
    enrolled = list(
        CohortMembership.objects.on(today).filter(person=me).select_related("cohort__organisation").order_by("pk")
    )
    fields = list(dict.fromkeys(membership.cohort.field for membership in enrolled))
    standing_now = {consent.purpose: consent.version for consent in me.consents.filter(withdrawn_at__isnull=True)}
    return {
        **_skills(fields[:1]),
        **training.own(me),
        "today_items": _by_day(training.items(me) + mentors.items(me) + _elsewhere(me)),
        "certificates": credentials.own(me),
        "cohorts": [membership.cohort for membership in enrolled],
        "consents": [
            {"label": purpose.label, "given": standing_now.get(purpose.name) == purpose.version}
            for purpose in purposes.registered()
        ],
    }


REVIEWED = (
    "community.chains.count",
    "community.enterprises.count",
    "community.universities.count",
    "community.students.enrolled",
    "community.mentors.count",
    "community.teachers.count",
    "demand.postings.count",
    "demand.requirements.open",
    "demand.requirements.waiting_days",
)


def reviewer(request: HttpRequest, me: Person) -> dict[str, Any]:
    """The numbers of a chosen day, and how the log stands that they can be checked against."""
    form = MomentForm(request.GET if "on" in request.GET else None, initial={"on": timezone.localdate()})
    moment = form.moment()
    day = moment.day
    window = Window(day - _YEAR, day, moment.known_at)
    measured = [
        {"metric": metrics.get(name), "measurement": metrics.measure_community(name, window)}
        for name in REVIEWED
        if metrics.is_registered(name)
    ]
    return {
        "form": form,
        "day": day,
        "window": window,
        "measured": measured,
        "obligations": chains.obligations(me, moment),
        "day_url": reverse("policies:obligations") + query_of(moment),
        "waiting": [one for one in policies.counts(me) if one[1]],
        "head": ledger.head(),
        "metric_count": len(metrics.all_metrics()),
    }


SCREENS: dict[RoleKind, Callable[[HttpRequest, Person], dict[str, Any]]] = {
    RoleKind.OFFICE: office,
    RoleKind.ENTERPRISE_HR: enterprise_hr,
    RoleKind.MENTOR: mentor,
    RoleKind.TEACHER: teacher,
    RoleKind.STUDENT: student,
    RoleKind.REVIEWER: reviewer,
}
