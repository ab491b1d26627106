"""One site: its machines and its week, its hours, and the day list by which people are checked in."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.pages import deed, form_page, person
from ronghe.apps.metrics import registry
from ronghe.apps.sites import services
from ronghe.apps.sites.forms import WEEKDAYS, AmendSiteForm, ExceptionForm, HoursForm, MachineForm
from ronghe.apps.sites.models import (
    Booking,
    BookingState,
    CalendarException,
    Machine,
    Maintenance,
    OpeningHours,
    Site,
)
from ronghe.apps.sites.selectors.weeks import DAYS, occupation
from ronghe.apps.sites.views.frame import DAYS_MEASURED, asked_day, found_or_404, last_weeks, site_of, week_asked
from ronghe.apps.sites.zones import clock, day_span, wall

A_DAY = timedelta(days=1)
WEEKS_AHEAD = timedelta(days=56)
_MOST = 40


def hours_by_weekday(site: Site, machine: Machine | None = None) -> list[tuple[str, str]]:
    """The hours of a week as they hold today, as words; nothing when none are set."""
    rows = OpeningHours.objects.on(timezone.localdate()).filter(site=site, machine=machine)
    spans: dict[int, list[str]] = {number: [] for number in range(DAYS)}
    for row in rows.order_by("opens"):
        spans[row.weekday].append(f"{clock(row.opens)}–{clock(row.closes)}")
    if not any(spans.values()):
        return []
    return [(str(WEEKDAYS[number]), ", ".join(found) or pgettext("hours", "closed")) for number, found in spans.items()]


def _days_ahead(site: Site, today: date) -> list[dict[str, Any]]:
    """What is said of single days to come: one line a day and machine, with its spans; none means closed."""
    rows = CalendarException.objects.filter(site=site, day__gte=today, withdrawn_at__isnull=True)
    lines: dict[tuple[date, int | None], dict[str, Any]] = {}
    for row in rows.select_related("machine").order_by("day", "machine", "opens")[:_MOST]:
        line = lines.setdefault(
            (row.day, row.machine_id),
            {"key": row.pk, "day": row.day, "machine": row.machine, "reason": row.reason, "spans": []},
        )
        line["spans"] += [row.span] if row.span else []
    return list(lines.values())


@require_safe
@login_required
def site_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A site with its machines, how full their week is, and when they are away."""
    user = person(request)
    site = site_of(request, uid)
    today = timezone.now().astimezone(site.zone_info).date()
    monday = week_asked(request, today)
    machines = list(
        Machine.objects.filter(site=site).in_use_on(today).select_related("family", "site").order_by("code")
    )
    window = last_weeks()
    shares = registry.measure("sites.machine_utilisation", [one.pk for one in machines], window)
    away = Maintenance.objects.standing().filter(machine__site=site, ends_at__gt=timezone.now())
    away = away.filter(starts_at__lt=timezone.now() + WEEKS_AHEAD).select_related("machine")
    keeps = user.has_perm("sites.keep_site", site)
    context = {
        "site": site,
        "machines": [(one, shares[one.pk]) for one in machines],
        "names": [one.name for one in machines],
        "monday": monday,
        "sunday": monday + (DAYS - 1) * A_DAY,
        "previous": monday - DAYS * A_DAY,
        "following": monday + DAYS * A_DAY,
        "days": [f"{monday + number * A_DAY:%m-%d}" for number in range(DAYS)],
        "occupation": occupation(machines, monday),
        "share": registry.measure("sites.site_utilisation", [site.pk], window)[site.pk],
        "declared": registry.measure("sites.site_declared_utilisation", [site.pk], window)[site.pk],
        "definitions": [registry.get(name) for name in ("sites.site_utilisation", "sites.site_declared_utilisation")],
        "days_measured": DAYS_MEASURED,
        "hours": hours_by_weekday(site),
        "exceptions": _days_ahead(site, today),
        "away": list(away[:30]),
        "tasks": [
            {
                "label": one.machine.name,
                "start": one.starts_at.astimezone(site.zone_info).date(),
                "end": (one.ends_at - timedelta(seconds=1)).astimezone(site.zone_info).date(),
                "state": "bad" if one.is_breakdown else "warn",
                "note": one.reason,
                "href": one.machine.get_absolute_url(),
            }
            for one in away[:30]
        ],
        "today": today,
        "keeps": keeps,
        "manages": user.has_perm("sites.manage_site", site),
    }
    return render(request, "sites/site.html", context)


def _demand(request: HttpRequest, permission: str, site: Site) -> None:
    if not person(request).has_perm(permission, site):
        raise PermissionDenied(_("Only people of the site, or the office, may do this."))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def amend(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Change the name and rules of a site."""
    site = site_of(request, uid)
    _demand(request, "sites.manage_site", site)
    form = AmendSiteForm(
        request.POST or None, instance=Site.objects.get(pk=site.pk), initial={"revision": site.revision}
    )
    return form_page(
        request,
        form,
        lambda data: services.amend_site(actor=person(request), site=site, **data),
        title=_("Change “%(name)s”") % {"name": site.name},
        submit=_("Save"),
        back=site.get_absolute_url(),
        back_label=site.name,
        done=_("The site is changed."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def hours(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Set the opening hours from a day on."""
    site = site_of(request, uid)
    _demand(request, "sites.manage_site", site)
    rows = OpeningHours.objects.on(timezone.localdate()).filter(site=site, machine__isnull=True).order_by("opens")
    initial = {
        f"day{number}": [(row.opens, row.closes) for row in rows if row.weekday == number] for number in range(DAYS)
    }
    form = HoursForm(request.POST or None, machines=Machine.objects.filter(site=site), initial=initial)
    return form_page(
        request,
        form,
        lambda data: services.set_hours(
            actor=person(request),
            site=site,
            hours=form.hours(),
            machine=data["machine"],
            valid_from=data["valid_from"],
        ),
        title=_("Opening hours of “%(name)s”") % {"name": site.name},
        lead=_("Hours that were in force before stay in force until the day you give."),
        submit=_("Save"),
        back=site.get_absolute_url(),
        back_label=site.name,
        done=_("The hours are set."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def except_day(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Set other hours for one day."""
    site = site_of(request, uid)
    _demand(request, "sites.keep_site", site)
    return form_page(
        request,
        ExceptionForm(request.POST or None, machines=Machine.objects.filter(site=site)),
        lambda data: services.except_day(actor=person(request), site=site, **data),
        title=_("Other hours on one day"),
        lead=_("Bookings of that day stay: cancel those that cannot take place, so that people are told."),
        submit=_("Save"),
        back=site.get_absolute_url(),
        back_label=site.name,
        done=_("The day is set."),
    )


@require_POST
@login_required
def restore_day(request: HttpRequest, key: int) -> HttpResponse:
    """Call off what was said of one day."""
    rows = CalendarException.objects.select_related("site__campus", "machine")
    said = found_or_404(rows.filter(pk=key, site__in=Site.objects.visible_to(person(request))).first())
    return deed(
        request,
        lambda: services.restore_day(actor=person(request), site=said.site, day=said.day, machine=said.machine),
        done=_("The hours of the week hold on that day again."),
        back=said.site,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def machine_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Register a machine at a site."""
    site = site_of(request, uid)
    _demand(request, "sites.manage_site", site)
    return form_page(
        request,
        MachineForm(request.POST or None, initial={"in_use_from": timezone.localdate(), "places": 1}),
        lambda data: services.register_machine(actor=person(request), site=site, **data),
        title=_("Register a machine"),
        submit=_("Register it"),
        back=site.get_absolute_url(),
        back_label=site.name,
        done=_("The machine is registered."),
    )


@require_safe
@login_required
def day(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The bookings of a day, to check people in: made for a phone held at the door."""
    user = person(request)
    site = site_of(request, uid)
    _demand(request, "sites.keep_site", site)
    shown = asked_day(request, timezone.now().astimezone(site.zone_info).date())
    start, end = day_span(shown, shown, site.zone_info)
    states = [BookingState.BOOKED, BookingState.ATTENDED, BookingState.MISSED]
    rows = Booking.objects.visible_to(user).during(start, end).filter(machine__site=site, state__in=states)
    rows = rows.select_related("machine__site", "person").prefetch_related("companions__person")
    now = timezone.now()
    context = {
        "site": site,
        "day": shown,
        "previous": shown - A_DAY,
        "following": shown + A_DAY,
        "rows": [
            {
                "booking": one,
                "start": wall(one.starts_at, site.zone_info),
                "end": wall(one.ends_at, site.zone_info),
                "may_check_in": one.state == BookingState.BOOKED
                and one.person_id != user.pk
                and now >= one.starts_at - timedelta(minutes=30),
                "may_miss": one.state == BookingState.BOOKED
                and one.person_id != user.pk
                and now >= one.starts_at + timedelta(minutes=15),
            }
            for one in rows.order_by("starts_at", "machine__code")
        ],
    }
    return render(request, "sites/day.html", context)
