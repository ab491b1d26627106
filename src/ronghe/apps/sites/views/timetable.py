"""Timetables of cohorts: terms, sections of the day, sessions; and where work is booked over them."""

from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ronghe.apps.accounts.models import Person
from ronghe.apps.accounts.pages import form_page, person
from ronghe.apps.accounts.services import note_looks
from ronghe.apps.community import standing
from ronghe.apps.community.models import Cohort, Organisation, OrganisationKind, RoleKind
from ronghe.apps.metrics import registry
from ronghe.apps.metrics.measurement import Window
from ronghe.apps.sites import services
from ronghe.apps.sites.engagements import remedy_of
from ronghe.apps.sites.forms import WEEKDAYS, AmendTermForm, SectionsForm, TermForm, WithdrawForm
from ronghe.apps.sites.models import SectionTime, Session, TeachingTerm
from ronghe.apps.sites.selectors.alternatives import alternatives
from ronghe.apps.sites.selectors.conflicts import coming_overlaps
from ronghe.apps.sites.selectors.weeks import DAYS
from ronghe.apps.sites.views.frame import found_or_404, last_weeks, week_asked
from ronghe.apps.sites.zones import day_span, wall

_MOST = 100
_WITH_ALTERNATIVES = 5
A_DAY = timedelta(days=1)
COMING = timedelta(days=28)


def _universities(user: Person) -> QuerySet[Organisation]:
    found = Organisation.objects.filter(kind=OrganisationKind.UNIVERSITY)
    if standing.holds(user, RoleKind.OFFICE):
        return found
    return found.filter(pk__in=standing.organisations(user, RoleKind.TEACHER))


def _cohorts(user: Person) -> QuerySet[Cohort]:
    return Cohort.objects.filter(organisation__in=_universities(user))


def _term_of(user: Person, uid: UUID) -> TeachingTerm:
    """A term that the user may run."""
    found = TeachingTerm.objects.visible_to(user).select_related("organisation")
    term = found_or_404(found.filter(uid=uid).first())
    if not user.has_perm("sites.open_term", term.organisation):
        raise PermissionDenied(_("Only teachers of the university, or the office, may do this."))
    return term


@require_safe
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """Terms, and the classes of a cohort in a week."""
    user = person(request)
    today = timezone.localdate()
    monday = week_asked(request, today)
    own = Cohort.objects.filter(memberships__person=user, memberships__superseded_at__isnull=True)
    cohorts = Cohort.objects.filter(
        Q(pk__in=own.values("pk")) | Q(pk__in=Session.objects.standing().values("cohort"))
    ).order_by("name_zh")
    asked = request.GET.get("cohort", "")
    cohort = cohorts.filter(pk=int(asked)).first() if asked.isascii() and asked.isdigit() and len(asked) < 18 else None
    cohort = cohort or own.order_by("pk").first() or cohorts.first()
    days = []
    if cohort is not None:
        first = Session.objects.filter(cohort=cohort).select_related("term").first()
        zone = ZoneInfo(first.term.zone) if first is not None else timezone.get_default_timezone()
        start, end = day_span(monday, monday + 6 * A_DAY, zone)
        rows = Session.objects.standing().during(start, end).filter(cohort=cohort).select_related("campus")
        local = [(one, wall(one.starts_at, zone), wall(one.ends_at, zone)) for one in rows.order_by("starts_at")]
        days = [
            {
                "name": WEEKDAYS[number],
                "day": monday + number * A_DAY,
                "sessions": [row for row in local if row[1].date() == monday + number * A_DAY],
            }
            for number in range(DAYS)
        ]
    terms = TeachingTerm.objects.visible_to(user).select_related("organisation", "academic_year")
    context = {
        "terms": terms.annotate(session_count=Count("sessions"))[:_MOST],
        "cohorts": cohorts[:_MOST],
        "cohort": cohort,
        "days": days,
        "monday": monday,
        "sunday": monday + 6 * A_DAY,
        "previous": monday - DAYS * A_DAY,
        "following": monday + DAYS * A_DAY,
        "sections": SectionTime.objects.on(today).filter(organisation=cohort.organisation_id) if cohort else [],
        "may_schedule": user.has_perm("sites.schedule"),
        "may_see_overlaps": user.has_perm("sites.view_overlaps"),
    }
    return render(request, "sites/timetable.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("sites.open_term", raise_exception=True)
def term_new(request: HttpRequest) -> HttpResponse:
    """Open a term."""
    return form_page(
        request,
        TermForm(request.POST or None, organisations=_universities(person(request))),
        lambda data: services.open_term(actor=person(request), **data),
        title=_("Open a term"),
        lead=_("Weeks of timetables are counted from the Monday you give."),
        submit=_("Open the term"),
        back=reverse("sites:timetable"),
        back_label=_("Timetables"),
        done=_("The term is open. Import its timetable next."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("sites.open_term", raise_exception=True)
def term_amend(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Change a term."""
    user = person(request)
    term = _term_of(user, uid)
    form = AmendTermForm(
        request.POST or None, instance=TeachingTerm.objects.get(pk=term.pk), initial={"revision": term.revision}
    )
    return form_page(
        request,
        form,
        lambda data: services.amend_term(actor=user, term=term, **data),
        title=_("Change “%(name)s”") % {"name": term.name},
        lead=_("Once a term has classes its first Monday and its time zone stay."),
        submit=_("Save"),
        back=reverse("sites:timetable"),
        back_label=_("Timetables"),
        done=_("The term is changed."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("sites.open_term", raise_exception=True)
def sections(request: HttpRequest) -> HttpResponse:
    """Say when the sections of the day begin and end."""

    open_to = _universities(person(request))
    initial: dict[str, object] = {}
    if len(ones := open_to[:2]) == 1:
        stands = SectionTime.objects.on(timezone.localdate()).filter(organisation=ones[0]).order_by("number")
        initial = {"organisation": ones[0], "sections": [(one.begins, one.ends) for one in stands]}

    def act(data: dict[str, object]) -> object:
        spans = data["sections"]
        numbered = dict(enumerate(spans, start=1)) if isinstance(spans, list) else {}
        return services.set_sections(
            actor=person(request),
            organisation=data["organisation"],  # type: ignore[arg-type]
            sections=numbered,
            valid_from=data["valid_from"],  # type: ignore[arg-type]
        )

    return form_page(
        request,
        SectionsForm(request.POST or None, organisations=open_to, initial=initial),
        act,
        title=_("Sections of the day"),
        lead=_("Timetables name sections; these are the hours they mean from a day on."),
        submit=_("Save"),
        back=reverse("sites:timetable"),
        back_label=_("Timetables"),
        done=_("The sections are set."),
        goes_back=True,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("sites.schedule", raise_exception=True)
def withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take class sessions of a term back."""
    user = person(request)
    term = _term_of(user, uid)

    def act(data: dict[str, object]) -> object:
        start, end = day_span(data["first_day"], data["last_day"], ZoneInfo(term.zone))  # type: ignore[arg-type]
        rows = Session.objects.standing().filter(
            term=term, cohort=data["cohort"], starts_at__gte=start, starts_at__lt=end
        )  # type: ignore[misc]
        if data["course"]:
            rows = rows.filter(course=data["course"])
        return services.withdraw_sessions(actor=user, sessions=rows, reason=str(data["reason"]))

    return form_page(
        request,
        WithdrawForm(
            request.POST or None,
            cohorts=_cohorts(user).filter(organisation=term.organisation),
            courses=Session.objects.standing()
            .filter(term=term)
            .order_by("course")
            .values_list("course", flat=True)
            .distinct(),
        ),
        act,
        title=_("Take classes back"),
        lead=_("They leave the timetable and stay on record as having stood."),
        submit=_("Take them back"),
        back=reverse("sites:timetable"),
        back_label=_("Timetables"),
        done=_("They no longer stand."),
        danger=True,
        goes_back=True,
    )


@require_safe
@login_required
@permission_required("sites.view_overlaps", raise_exception=True)
def overlaps(request: HttpRequest) -> HttpResponse:
    """Study–work overlaps of the coming four weeks, the nearest first, with other times for the booking."""
    user = person(request)
    today = timezone.localdate()
    found = list(coming_overlaps(user, today, today + COMING)[:_MOST])
    note_looks(viewer=user, people={row.person for row in found}, page=request.path)
    rows = []
    for number, one in enumerate(found):
        zone = ZoneInfo(one.session.term.zone)
        booking = one.booking
        offered = []
        if booking is not None and number < _WITH_ALTERNATIVES:
            offered = alternatives(one.person, booking.machine, booking.starts_at, booking.ends_at)[:3]
        rows.append(
            {
                "overlap": one,
                "start": wall(one.starts_at, zone),
                "end": wall(one.ends_at, zone),
                "alternatives": offered,
                "remedy": remedy_of(one),
            }
        )
    window = last_weeks()
    ahead = Window(today, today + COMING)
    context = {
        "rows": rows,
        "past": registry.measure_community("sites.study_work_conflict", window),
        "ahead": registry.measure_community("sites.study_work_conflict", ahead),
        "definitions": [registry.get("sites.study_work_conflict")],
        "until": today + COMING,
    }
    return render(request, "sites/overlaps.html", context)
