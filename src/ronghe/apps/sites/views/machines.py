"""One machine: its week, how much it is used, booking it, waiting for it, and taking it away for maintenance."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.pages import deed, form_page, person
from ronghe.apps.metrics import registry
from ronghe.apps.sites import services
from ronghe.apps.sites.forms import AmendMachineForm, BookForm, MaintenanceForm, TermsForm
from ronghe.apps.sites.models import Authorisation, Machine, MachineTerms, Maintenance, Waiting, WaitingState
from ronghe.apps.sites.selectors.alternatives import alternatives
from ronghe.apps.sites.selectors.utilisation import use_of, weekly_shares
from ronghe.apps.sites.selectors.weeks import DAYS, monday_of, week_of_machine
from ronghe.apps.sites.services import MeetsStudy, SlotTaken
from ronghe.apps.sites.views.frame import DAYS_MEASURED, asked_start, found_or_404, last_weeks, machine_of, week_asked
from ronghe.apps.sites.views.sites import hours_by_weekday
from ronghe.apps.sites.zones import wall

A_WEEK = timedelta(days=7)
WEEKS_PLOTTED = 12


def _history(machine: Machine) -> dict[str, Any]:
    """Utilisation week by week, for the plot: whole weeks that are over."""
    first = monday_of(timezone.localdate()) - WEEKS_PLOTTED * A_WEEK
    shares = weekly_shares(machine, first, WEEKS_PLOTTED)
    values = [None if share is None else 100 * share for share in shares]
    labels = [first + number * A_WEEK for number in range(WEEKS_PLOTTED)]
    return {"x": labels, "series": [{"label": machine.name, "values": values}]}


@require_safe
@login_required
def machine_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A machine's week, day by day, with what is free to book; what it costs; how much it was used."""
    user = person(request)
    machine = machine_of(request, uid)
    zone = machine.site.zone_info
    today = timezone.now().astimezone(zone).date()
    monday = week_asked(request, today)
    window = last_weeks()
    share = registry.measure("sites.machine_utilisation", [machine.pk], window)[machine.pk]
    declared = registry.measure("sites.machine_declared_utilisation", [machine.pk], window)[machine.pk]
    granted = Authorisation.objects.on(today).filter(person=user, family=machine.family_id).first()
    keeps, may_book = user.has_perm("sites.keep_site", machine), user.has_perm("sites.book")
    lacks_instruction = machine.family.needs_authorisation and granted is None
    context = {
        "machine": machine,
        "site": machine.site,
        "rows": week_of_machine(user, machine, monday),
        "monday": monday,
        "sunday": monday + timedelta(days=DAYS - 1),
        "previous": monday - A_WEEK,
        "following": monday + A_WEEK,
        "is_this_week": monday == monday_of(today),
        "terms": MachineTerms.objects.on(today).filter(machine=machine).first(),
        "hours": hours_by_weekday(machine.site, machine) or hours_by_weekday(machine.site),
        "own_hours": bool(hours_by_weekday(machine.site, machine)),
        "use": use_of([machine], window.start, window.end)[machine.pk],
        "share": share,
        "declared": declared,
        "history": _history(machine),
        "definitions": [
            registry.get(name) for name in ("sites.machine_utilisation", "sites.machine_declared_utilisation")
        ],
        "days_measured": DAYS_MEASURED,
        "granted": granted,
        "may_book": may_book and (not lacks_instruction or keeps or user.has_perm("sites.view_overlaps")),
        "needs_instruction": may_book and lacks_instruction and not keeps,
        "keeps": keeps,
        "manages": user.has_perm("sites.manage_site", machine),
        "away": Maintenance.objects.standing().filter(machine=machine, ends_at__gt=timezone.now())[:20],
        "waiting": Waiting.objects.visible_to(user)
        .filter(machine=machine, state=WaitingState.WAITING, starts_at__gt=timezone.now())
        .select_related("person"),
    }
    return render(request, "sites/machine.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("sites.book", raise_exception=True)
def book(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Book a machine; where that cannot be, or meets class sessions, other times are offered at once."""
    user = person(request)
    machine = machine_of(request, uid)
    local = asked_start(request)
    initial: dict[str, Any] = {"minutes": request.GET.get("minutes") or machine.site.grid_minutes}
    if local is not None:
        initial |= {"day": local.date(), "time": local.time().replace(second=0, microsecond=0)}
    keeps = user.has_perm("sites.keep_site", machine)
    form = BookForm(
        request.POST or None,
        initial=initial,
        machine=machine,
        for_others=keeps or user.has_perm("sites.view_overlaps"),
        asks_study="despite_study" in request.POST,
    )
    more: dict[str, Any] = {"machine": machine, "alternatives": [], "meetings": [], "can_wait": None}

    def act(data: dict[str, Any]) -> Any:
        who = data.get("person") or user
        start, end = data["start"], data["end"]
        try:
            return services.book(
                actor=user,
                machine=machine,
                person=who,
                start=start,
                end=end,
                purpose=data["purpose"],
                companions=data.get("companions", ()),
                despite_study=data.get("despite_study", False),
            )
        except MeetsStudy as met:
            zone = machine.site.zone_info
            more["meetings"] = [(one.study.key, wall(one.start, zone), wall(one.end, zone)) for one in met.meetings]
            more["alternatives"] = alternatives(who, machine, start, end)
            form.ask_about_study()
            raise
        except SlotTaken:
            more["alternatives"] = alternatives(who, machine, start, end)
            more["can_wait"] = {"start": start.isoformat(), "end": end.isoformat()} if who == user else None
            raise

    return form_page(
        request,
        form,
        act,
        title=_("Book “%(machine)s”") % {"machine": machine.name},
        lead=_("By the clock of the place (%(zone)s), in steps of %(minutes)s minutes.")
        % {"zone": machine.site.zone, "minutes": machine.site.grid_minutes},
        submit=_("Book it"),
        back=machine.get_absolute_url(),
        back_label=machine.name,
        done=_("It is booked for you."),
        template="sites/book.html",
        more=more,
    )


@require_POST
@login_required
@permission_required("sites.book", raise_exception=True)
def wait(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Join the waiting list for a time that is taken."""
    machine = machine_of(request, uid)
    start, end = (_moment(request.POST.get(name, "")) for name in ("start", "end"))
    return deed(
        request,
        lambda: services.join_waiting_list(actor=person(request), machine=machine, start=start, end=end),
        done=_("You are on the list. When the time becomes free it is offered to whoever waits longest."),
        back="sites:bookings",
    )


def _moment(text: str) -> datetime:
    """A moment that a page of ours wrote into its form."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = datetime.min
    return found_or_404(found if found.tzinfo is not None else None)


def _demand(request: HttpRequest, permission: str, machine: Machine) -> None:
    if not person(request).has_perm(permission, machine):
        raise PermissionDenied(_("Only people of the site, or the office, may do this."))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def maintain(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take a machine away for maintenance, or because it broke."""
    machine = machine_of(request, uid)
    _demand(request, "sites.keep_site", machine)

    def act(data: dict[str, Any]) -> Any:
        return services.plan_maintenance(
            actor=person(request),
            machine=machine,
            start=data["start"],
            end=data["end"],
            reason=data["reason"],
            is_breakdown=data["is_breakdown"],
            displace=data["displace"],
        )

    return form_page(
        request,
        MaintenanceForm(request.POST or None, site=machine.site),
        act,
        title=_("Maintenance of “%(machine)s”") % {"machine": machine.name},
        lead=_("By the clock of the place (%(zone)s).") % {"zone": machine.site.zone},
        submit=_("Take it away"),
        back=machine.get_absolute_url(),
        back_label=machine.name,
        done=_("The machine is away at that time."),
        goes_back=True,
    )


@require_POST
@login_required
def call_off(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Call a maintenance off."""
    rows = Maintenance.objects.visible_to(person(request)).select_related("machine__site__campus")
    maintenance = found_or_404(rows.filter(uid=uid).first())
    return deed(
        request,
        lambda: services.call_off_maintenance(actor=person(request), maintenance=maintenance),
        done=_("It is called off; the machine can be booked."),
        back=maintenance.machine,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def amend(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Change a machine."""
    machine = machine_of(request, uid)
    _demand(request, "sites.manage_site", machine)
    form = AmendMachineForm(
        request.POST or None,
        instance=Machine.objects.get(pk=machine.pk),
        initial={"revision": machine.revision},
    )
    return form_page(
        request,
        form,
        lambda data: services.amend_machine(actor=person(request), machine=machine, **data),
        title=_("Change “%(name)s”") % {"name": machine.name},
        submit=_("Save"),
        back=machine.get_absolute_url(),
        back_label=machine.name,
        done=_("The machine is changed."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def terms(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Set what an hour costs and which window is declared."""
    machine = machine_of(request, uid)
    _demand(request, "sites.manage_site", machine)
    return form_page(
        request,
        TermsForm(request.POST or None, initial={"valid_from": timezone.localdate()}),
        lambda data: services.set_terms(actor=person(request), machine=machine, **data),
        title=_("Cost and declared hours of “%(machine)s”") % {"machine": machine.name},
        submit=_("Save"),
        back=machine.get_absolute_url(),
        back_label=machine.name,
        done=_("They hold from the day you gave."),
        goes_back=True,
    )
