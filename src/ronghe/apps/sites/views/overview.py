"""All sites by city, families, ways, quotas, holidays, and how much the machines are used."""

from collections import defaultdict
from datetime import timedelta
from uuid import UUID

from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ronghe.apps.accounts.pages import form_page, person
from ronghe.apps.community import standing
from ronghe.apps.community.models import Campus, RegionStanding
from ronghe.apps.metrics import registry
from ronghe.apps.sites import services
from ronghe.apps.sites.forms import (
    AmendFamilyForm,
    AuthorisationForm,
    EndAuthorisationForm,
    FamilyForm,
    QuotaForm,
    SiteForm,
    TravelForm,
)
from ronghe.apps.sites.models import (
    Authorisation,
    Booking,
    Machine,
    MachineFamily,
    PublicHoliday,
    Quota,
    Site,
    TravelTime,
)
from ronghe.apps.sites.rules import MANAGERS
from ronghe.apps.sites.selectors.utilisation import use_of
from ronghe.apps.sites.selectors.waiting import waiting_for
from ronghe.apps.sites.views.frame import DAYS_MEASURED, family_of, found_or_404, last_weeks

_MOST = 200


def campuses_of(request: HttpRequest) -> QuerySet[Campus]:
    """Campuses on which who asks may register a site."""
    user = person(request)
    if user.has_perm("sites.set_travel"):
        return Campus.objects.all()
    return Campus.objects.filter(organisation__in=standing.organisations(user, MANAGERS))


def _standing(one: RegionStanding | None) -> str:
    """What a region is in the network, in words."""
    if one is None:
        return ""
    if one.core is None:
        return str(one.get_standing_display())
    return _("%(standing)s of %(core)s") % {"standing": one.get_standing_display(), "core": one.core.name}


@require_safe
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """Sites by core city and satellite, with their machines and how much these are used."""
    user = person(request)
    today = timezone.localdate()
    in_use = Q(machines__in_use_from__lte=today) & (
        Q(machines__in_use_until__isnull=True) | Q(machines__in_use_until__gt=today)
    )
    sites = (
        Site.objects.visible_to(user)
        .filter(closed_on__isnull=True)
        .select_related("campus__organisation", "campus__region")
        .annotate(machine_count=Count("machines", filter=in_use))
        .order_by("campus__region__code", "name_zh")
    )
    rows = list(sites)
    standings = RegionStanding.objects.on(today).select_related("core", "region")
    of_region = {one.region_id: one for one in standings}
    window = last_weeks()
    measured = registry.measure("sites.site_utilisation", [site.pk for site in rows], window)
    cities: dict[int, list[Site]] = defaultdict(list)
    for site in rows:
        cities[site.campus.region_id].append(site)
    context = {
        "cities": [
            {
                "region": group[0].campus.region,
                "standing": _standing(of_region.get(key)),
                "sites": [(site, measured[site.pk]) for site in group],
            }
            for key, group in cities.items()
        ],
        "families": MachineFamily.objects.visible_to(user).annotate(machine_count=Count("machines")),
        "waiting": waiting_for(user),
        "total": registry.measure_community("sites.utilisation", window),
        "machines": Machine.objects.in_use_on(today).count(),
        "conflict": registry.measure_community("sites.study_work_conflict", window)
        if user.has_perm("sites.view_overlaps")
        else None,
        "definitions": [registry.get("sites.utilisation"), registry.get("sites.study_work_conflict")],
        "days": DAYS_MEASURED,
        "may_register": user.has_perm("sites.register_site"),
        "may_office": user.has_perm("sites.set_travel"),
        "may_book": user.has_perm("sites.book"),
    }
    return render(request, "sites/overview.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("sites.register_site", raise_exception=True)
def site_new(request: HttpRequest) -> HttpResponse:
    """Register a site."""
    return form_page(
        request,
        SiteForm(request.POST or None, campuses=campuses_of(request)),
        lambda data: services.register_site(actor=person(request), **data),
        title=_("Register a site"),
        lead=_("A site stands on a campus of an organisation. Add the campus on the organisation's page first."),
        submit=_("Register it"),
        back=reverse("sites:overview"),
        back_label=_("Sites and machines"),
        done=_("The site is registered. Set its opening hours next."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("sites.register_family", raise_exception=True)
def family_new(request: HttpRequest) -> HttpResponse:
    """Register a machine family."""
    return form_page(
        request,
        FamilyForm(request.POST or None),
        lambda data: services.register_family(actor=person(request), **data),
        title=_("Register a machine family"),
        lead=_("Machines of a family can stand in for each other; one instruction is for all of them."),
        submit=_("Register it"),
        back=reverse("sites:overview"),
        back_label=_("Sites and machines"),
        done=_("The family is registered."),
    )


@require_safe
@login_required
def family_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A family: its machines, how much they are used, and who may use them as far as that is open."""
    user = person(request)
    family = family_of(request, uid)
    machines = list(Machine.objects.visible_to(user).filter(family=family).select_related("site__campus__region"))
    window = last_weeks()
    shares = registry.measure("sites.machine_utilisation", [one.pk for one in machines], window)
    today = timezone.localdate()
    granted = Authorisation.objects.on(today).visible_to(user).filter(family=family)
    context = {
        "family": family,
        "machines": [(one, shares[one.pk]) for one in machines],
        "share": registry.measure("sites.family_utilisation", [family.pk], window)[family.pk],
        "definitions": [registry.get("sites.family_utilisation")],
        "granted": granted.select_related("person", "granted_by").order_by("valid_until")[:_MOST],
        "soon": today + timedelta(days=30),
        "may_authorise": user.has_perm("sites.authorise"),
        "may_change": user.has_perm("sites.amend_family", family),
        "days": DAYS_MEASURED,
    }
    return render(request, "sites/family.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("sites.authorise", raise_exception=True)
def authorise(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say that somebody was instructed."""
    family = family_of(request, uid)
    return form_page(
        request,
        AuthorisationForm(request.POST or None),
        lambda data: services.authorise(actor=person(request), family=family, **data),
        title=_("Authorise for “%(family)s”") % {"family": family.name},
        lead=_("You say that this person was instructed and may use the machines of this family."),
        submit=_("Authorise"),
        back=family.get_absolute_url(),
        back_label=family.name,
        done=_("The authorisation holds from the day you gave."),
        goes_back=True,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def family_amend(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Change a machine family."""
    family = family_of(request, uid)
    if not person(request).has_perm("sites.amend_family", family):
        raise PermissionDenied(_("Its machines also stand in other houses: the office changes it for all of them."))
    form = AmendFamilyForm(
        request.POST or None,
        instance=MachineFamily.objects.get(pk=family.pk),
        initial={"revision": family.revision},
    )
    return form_page(
        request,
        form,
        lambda data: services.amend_family(actor=person(request), family=family, **data),
        title=_("Change “%(name)s”") % {"name": family.name},
        lead=_("Instructions that were confirmed keep their end, and bookings that stand stay."),
        submit=_("Save"),
        back=family.get_absolute_url(),
        back_label=family.name,
        done=_("The machine family is changed."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("sites.authorise", raise_exception=True)
def authorisation_end(request: HttpRequest, key: int) -> HttpResponse:
    """Take an authorisation back from a day on."""
    rows = Authorisation.objects.known().visible_to(person(request)).select_related("person", "family")
    held = found_or_404(rows.filter(pk=key).first())
    booked = Booking.objects.holding().filter(
        person=held.person_id, machine__family=held.family_id, starts_at__gt=timezone.now()
    )
    return form_page(
        request,
        EndAuthorisationForm(request.POST or None),
        lambda data: services.end_authorisation(actor=person(request), authorisation=held, **data),
        title=_("End the authorisation of %(person)s") % {"person": held.person.name},
        lead=_(
            "For “%(family)s”. Bookings to come: %(count)s. They stand until somebody of the site cancels them, "
            "so that the person is told."
        )
        % {"family": held.family.name, "count": booked.count()},
        submit=_("End it"),
        back=held.family.get_absolute_url(),
        back_label=held.family.name,
        done=_("The authorisation ends on the day you gave."),
        danger=True,
        goes_back=True,
    )


@require_safe
@login_required
def utilisation(request: HttpRequest) -> HttpResponse:
    """How much each machine was used in the last four weeks, with the hours behind every share."""
    user = person(request)
    window = last_weeks()
    machines = list(
        Machine.objects.visible_to(user)
        .in_use_on(timezone.localdate())
        .select_related("site", "family")
        .order_by("site__name_zh", "code")
    )
    uses = use_of(machines, window.start, window.end)
    names = ("sites.machine_utilisation", "sites.machine_declared_utilisation")
    shares, declared = (registry.measure(name, [one.pk for one in machines], window) for name in names)
    rows = [(one, uses[one.pk], shares[one.pk], declared[one.pk]) for one in machines]
    bars = [
        {
            "label": one.name,
            "value": None if share.value is None else 100 * share.value,
            "href": one.get_absolute_url(),
        }
        for one, _use, share, _declared in rows
    ]
    context = {
        "window": window,
        "rows": rows,
        "bars": bars,
        "total": registry.measure_community("sites.utilisation", window),
        "declared": registry.measure_community("sites.declared_utilisation", window),
        "definitions": [registry.get(name) for name in ("sites.utilisation", "sites.declared_utilisation")],
        "may_export": user.has_perm("sites.export_use"),
    }
    return render(request, "sites/utilisation.html", context)


@require_safe
@login_required
def rules_page(request: HttpRequest) -> HttpResponse:
    """What holds for all sites: ways between campuses, quotas, public holidays."""
    user = person(request)
    today = timezone.localdate()
    holidays = PublicHoliday.objects.filter(day__gte=today)
    context = {
        "ways": TravelTime.objects.visible_to(user)
        .select_related("origin__organisation", "destination__organisation")
        .order_by("origin__organisation__name_zh", "minutes"),
        "quotas": Quota.objects.on(today).visible_to(user).select_related("site", "family", "cohort"),
        "holidays": holidays[:_MOST],
        "known_until": PublicHoliday.objects.order_by("-day").values_list("day", flat=True).first(),
        "may_set": user.has_perm("sites.set_travel"),
    }
    return render(request, "sites/rules.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("sites.set_travel", raise_exception=True)
def travel(request: HttpRequest) -> HttpResponse:
    """Set a travel time."""
    return form_page(
        request,
        TravelForm(request.POST or None),
        lambda data: services.set_travel(actor=person(request), **data),
        title=_("Set a travel time"),
        submit=_("Save"),
        back=reverse("sites:rules"),
        back_label=_("Rules of sites"),
        done=_("The travel time counts from now on."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("sites.set_quota", raise_exception=True)
def quota(request: HttpRequest) -> HttpResponse:
    """Set a quota."""
    return form_page(
        request,
        QuotaForm(request.POST or None, initial={"valid_from": timezone.localdate()}),
        lambda data: services.set_quota(actor=person(request), **data),
        title=_("Set a quota"),
        lead=_("Hours a week on machines of a site or a family; without either, on all machines."),
        submit=_("Save"),
        back=reverse("sites:rules"),
        back_label=_("Rules of sites"),
        done=_("The quota holds from the day you gave."),
        goes_back=True,
    )
