"""Mentors: the list, one mentor, appointments, profile, papers, terms and slots."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required, permission_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.models import Person
from ronghe.apps.accounts.pages import deed, form_page, person
from ronghe.apps.accounts.services import note_looks
from ronghe.apps.community import standing
from ronghe.apps.community.models import Organisation, RoleKind
from ronghe.apps.community.services.permission import demand
from ronghe.apps.jobs import services as jobs
from ronghe.apps.jobs.exports import table_response
from ronghe.apps.mentors import forms, selectors, services
from ronghe.apps.mentors.models import Appointment, ClassHour, Offer, OfferState, Profile, Qualification, Slot
from ronghe.apps.mentors.tables import MENTORS, mentors_table
from ronghe.apps.mentors.views.frame import found_or_404, inbox, sections
from ronghe.apps.metrics import registry
from ronghe.apps.metrics.measurement import Window

_A_PAGE = 30
_SHOWN = 20
_HOURS_SHOWN = 6
_FORM = ["GET", "HEAD", "POST"]
_FIGURES = ("mentors.overseas_share", "mentors.qualifications_lapsed")


def _filtered(request: HttpRequest) -> tuple[forms.MentorFilter, QuerySet[Person], bool]:
    form = forms.MentorFilter(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    today = timezone.localdate()
    found = selectors.mentors(request.user, today, text=(asked.get("text") or "").strip(), kind=asked.get("kind") or "")
    if asked.get("free"):
        loads = selectors.load_of(found.values_list("pk", flat=True), today)
        found = found.filter(pk__in=[key for key, load in loads.items() if load.free])
    return form, found, any(asked.values())


@require_safe
@login_required
@permission_required("mentors.view_mentors", raise_exception=True)
def overview(request: HttpRequest) -> HttpResponse:
    """Every mentor who is open to this person, with their load and papers of today; first what is their own."""
    user, today = person(request), timezone.localdate()
    form, found, is_filtered = _filtered(request)
    page = Paginator(found, _A_PAGE).get_page(request.GET.get("page"))
    is_mentor = Appointment.objects.known().filter(person=user).exists()
    window = Window(today, today)
    context = {
        "form": form,
        "page": page,
        "rows": selectors.mentor_rows(page.object_list, today),
        "is_filtered": is_filtered,
        "is_mentor": is_mentor,
        "earned": selectors.earned(user) if is_mentor else None,
        "load": selectors.load_of([user], today)[user.pk] if is_mentor else None,
        "waiting": inbox(selectors.waiting_for(user)),
        "may_appoint": bool(_appointing(request)),
        "figures": [(registry.get(name), registry.measure_community(name, window)) for name in _FIGURES],
        "definitions": [registry.get(name) for name in _FIGURES],
        "sections": sections(user),
    }
    return render(request, "mentors/overview.html", context)


@require_safe
@login_required
@permission_required("mentors.view_mentors", raise_exception=True)
def export(request: HttpRequest, kind: str) -> FileResponse:
    """The list as a table, as filtered."""
    _form, found, _is_filtered = _filtered(request)
    return table_response(mentors_table(found, timezone.localdate()), MENTORS, kind=kind, filename="mentors")


@require_safe
@login_required
@permission_required("mentors.withdraw_qualification", raise_exception=True)
def papers(request: HttpRequest) -> HttpResponse:
    """Papers that have lapsed or are about to, and those that wait for a second person."""
    today = timezone.localdate()
    context = {
        "due": [(paper, selectors.sign_of(paper, today)) for paper in selectors.papers_due(today)],
        "to_confirm": selectors.papers_to_confirm(person(request)),
    }
    return render(request, "mentors/papers.html", context)


@require_POST
@login_required
@permission_required("mentors.remind", raise_exception=True)
def remind(request: HttpRequest) -> HttpResponse:
    """Send the reminders that are due, as a task."""
    return redirect("jobs:status", jobs.start(actor=person(request), kind="mentors.remind").uid)


def mentor_or_404(request: HttpRequest, uid: UUID) -> Person:
    """A person who is or was a mentor, if this user may know."""
    held = Appointment.objects.known().visible_to(request.user).order_by()
    return found_or_404(Person.objects.filter(uid=uid, pk__in=held.values("person")).first())


def _address(mentor: Person) -> str:
    return reverse("mentors:mentor", args=[mentor.uid])


@require_safe
@login_required
def mentor_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One mentor: where and since when, trainees, papers, what they bring, terms, hours."""
    mentor, user, today = mentor_or_404(request, uid), person(request), timezone.localdate()
    held = Appointment.objects.known().filter(person=mentor).select_related("organisation").order_by("-valid_from")
    papers = Qualification.objects.visible_to(user).filter(person=mentor, withdrawn_at__isnull=True)
    standing_papers = set(Qualification.objects.standing().filter(person=mentor).values_list("pk", flat=True))
    slots = Slot.objects.known().visible_to(user).filter(mentor=mentor, valid_until__gt=today)
    slots = slots.select_related("student").order_by("valid_from").distinct()
    note_looks(viewer=user, people=[mentor, *(slot.student for slot in slots)], page="mentors:mentor")
    hours = ClassHour.objects.visible_to(user).filter(mentor=mentor).select_related("university")
    context = {
        "mentor": mentor,
        "appointments": [
            (one, one.holds_on(today), user.has_perm("mentors.appoint", one.organisation)) for one in held
        ],
        "load": selectors.load_of([mentor], today)[mentor.pk],
        "slots": slots,
        "papers": [
            (
                paper,
                selectors.sign_of(paper, today) if paper.pk in standing_papers else "none",
                paper.confirmed_at is None
                and paper.recorded_by_id != user.pk
                and user.has_perm("mentors.confirm_qualification", paper),
            )
            for paper in papers.order_by("-issued_on")
        ],
        "profile": Profile.objects.known().visible_to(user).filter(person=mentor).first(),
        "offers": Offer.objects.visible_to(user).filter(person=mentor).select_related("organisation")[:_SHOWN],
        "hours": hours[:_HOURS_SHOWN],
        "may_change": user.has_perm("mentors.change_profile", mentor),
        "may_record": user.has_perm("mentors.record_qualification", mentor),
        "may_withdraw": user.has_perm("mentors.withdraw_qualification"),
        "may_take": user.has_perm("mentors.take_slot", mentor),
        "may_offer": _offering(request, mentor).exists(),
        "is_self": mentor.pk == user.pk,
    }
    return render(request, "mentors/mentor.html", context)


def _appointing(request: HttpRequest) -> QuerySet[Organisation]:
    """Organisations for which this person may appoint."""
    if standing.holds(request.user, RoleKind.OFFICE):
        return Organisation.objects.filter(kind__in=["enterprise", "university", "chamber"])
    return Organisation.objects.filter(pk__in=standing.organisations(request.user, RoleKind.ENTERPRISE_HR))


@require_http_methods(_FORM)
@login_required
@permission_required("mentors.appoint", raise_exception=True)
def appoint(request: HttpRequest) -> HttpResponse:
    """Appoint a mentor."""
    open_ = _appointing(request)
    kinds = [kind.value for kind in RoleKind if kind != RoleKind.STUDENT]
    people = selectors.people_of(open_.values_list("pk", flat=True), timezone.localdate(), kinds=kinds)
    return form_page(
        request,
        forms.AppointForm(request.POST or None, organisations=open_),
        lambda data: services.appoint_mentor(actor=person(request), **data),
        title=_("Appoint a mentor"),
        lead=_("The kind follows from the organisation: enterprise, university, or association."),
        submit=_("Appoint a mentor"),
        back=reverse("mentors:overview"),
        back_label=_("Mentors"),
        done=_("The mentor is appointed. Offer them load and terms next."),
        template="mentors/choose_person.html",
        more={"people": people},
    )


@require_http_methods(_FORM)
@login_required
def end_appointment(request: HttpRequest, key: int) -> HttpResponse:
    """End an appointment."""
    appointment = found_or_404(
        Appointment.objects.known()
        .visible_to(request.user)
        .select_related("person", "organisation")
        .filter(pk=key)
        .first()
    )
    demand(person(request), "mentors.appoint", appointment.organisation)
    return form_page(
        request,
        forms.EndForm(request.POST or None),
        lambda data: services.end_appointment(actor=person(request), appointment=appointment, **data),
        title=_("End the appointment of %(mentor)s") % {"mentor": appointment.person},
        submit=_("End it"),
        back=_address(appointment.person),
        back_label=str(appointment.person),
        done=_("The appointment ends on that day."),
        danger=True,
        goes_back=True,
    )


@require_http_methods(_FORM)
@login_required
def profile(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say what a mentor brings."""
    mentor = mentor_or_404(request, uid)
    demand(person(request), "mentors.change_profile", mentor)
    known = Profile.objects.known().filter(person=mentor).first()
    fields = ("languages", "strengths", "overseas_months", "overseas_note")
    initial = {name: getattr(known, name) for name in fields} if known else {}
    return form_page(
        request,
        forms.ProfileForm(request.POST or None, initial=initial),
        lambda data: services.change_profile(actor=person(request), person=mentor, **data),
        title=_("What %(mentor)s brings") % {"mentor": mentor},
        submit=_("Save"),
        back=_address(mentor),
        back_label=str(mentor),
        done=_("The profile is saved."),
        goes_back=True,
    )


@require_http_methods(_FORM)
@login_required
def qualification_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Record a paper, or with `?renews=` the renewal of one."""
    mentor = mentor_or_404(request, uid)
    demand(person(request), "mentors.record_qualification", mentor)
    asked = request.GET.get("renews", "")
    renews = Qualification.objects.filter(person=mentor, pk=int(asked)).first() if asked.isdecimal() else None
    initial = {"name_zh": renews.name_zh, "name_en": renews.name_en, "issuer": renews.issuer} if renews else {}
    return form_page(
        request,
        forms.QualificationForm(request.POST or None, renews=renews, initial=initial),
        lambda data: services.record_qualification(actor=person(request), person=mentor, renews=renews, **data),
        title=_("Renew “%(paper)s”") % {"paper": renews.name} if renews else _("Record a qualification"),
        lead=_("It counts once a second person has looked at it."),
        submit=_("Record it"),
        back=_address(mentor),
        back_label=str(mentor),
        done=_("It is recorded and waits for a second person."),
        goes_back=True,
    )


def _paper(request: HttpRequest, uid: UUID) -> Qualification:
    return found_or_404(
        Qualification.objects.visible_to(person(request)).select_related("person").filter(uid=uid).first()
    )


@require_POST
@login_required
def qualification_confirm(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Confirm a paper."""
    paper = _paper(request, uid)
    return deed(
        request,
        lambda: services.confirm_qualification(actor=person(request), paper=paper),
        done=_("The qualification is confirmed."),
        back=_address(paper.person),
    )


@require_http_methods(_FORM)
@login_required
@permission_required("mentors.withdraw_qualification", raise_exception=True)
def qualification_withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take out a paper that was recorded wrongly."""
    paper = _paper(request, uid)
    return form_page(
        request,
        forms.ReasonForm(request.POST or None),
        lambda data: services.withdraw_qualification(actor=person(request), paper=paper, **data),
        title=_("Withdraw “%(paper)s”") % {"paper": paper.name},
        submit=_("Withdraw"),
        back=_address(paper.person),
        back_label=str(paper.person),
        done=_("The qualification is withdrawn."),
        danger=True,
        goes_back=True,
    )


def _offering(request: HttpRequest, mentor: Person) -> QuerySet[Organisation]:
    """Organisations of the mentor for which this person may offer terms."""
    held = Appointment.objects.known().filter(person=mentor).order_by().values("organisation")
    return _appointing(request).filter(pk__in=held)


@require_http_methods(_FORM)
@login_required
def offer_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Offer load and terms."""
    mentor = mentor_or_404(request, uid)
    organisations = _offering(request, mentor)
    if not organisations.exists():
        demand(person(request), "mentors.withdraw_terms", Offer(person=mentor))
    return form_page(
        request,
        forms.OfferForm(request.POST or None, organisations=organisations),
        lambda data: services.offer_terms(actor=person(request), person=mentor, **data),
        title=_("Offer %(mentor)s load and terms") % {"mentor": mentor},
        lead=_("The mentor accepts or declines on the phone. Until then no new trainee can come."),
        submit=_("Offer"),
        back=_address(mentor),
        back_label=str(mentor),
        done=_("The offer waits for the mentor."),
        goes_back=True,
    )


def _offer(request: HttpRequest, uid: UUID) -> Offer:
    open_ = Offer.objects.visible_to(person(request)).select_related("person", "organisation", "offered_by")
    return found_or_404(open_.filter(uid=uid).first())


@require_safe
@login_required
def offer_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What is offered, as the mentor reads and answers it on a phone."""
    offer, user = _offer(request, uid), person(request)
    is_open = offer.state == OfferState.WAITING
    context = {
        "offer": offer,
        "may_answer": is_open and user.has_perm("mentors.answer_terms", offer),
        "may_withdraw": is_open and user.has_perm("mentors.withdraw_terms", offer),
    }
    return render(request, "mentors/offer.html", context)


@require_POST
@login_required
def offer_accept(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Accept load and terms."""
    offer = _offer(request, uid)
    return deed(
        request,
        lambda: services.answer_terms(actor=person(request), offer=offer, accepts=True),
        done=_("You have accepted load and terms."),
        back=offer.get_absolute_url(),
    )


@require_http_methods(_FORM)
@login_required
def offer_decline(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Decline them, with a reason."""
    offer = _offer(request, uid)
    demand(person(request), "mentors.answer_terms", offer)
    return form_page(
        request,
        forms.ReasonForm(request.POST or None),
        lambda data: services.answer_terms(actor=person(request), offer=offer, accepts=False, **data),
        title=_("Decline load and terms"),
        submit=_("Decline"),
        back=offer.get_absolute_url(),
        back_label=_("Load and terms"),
        done=_("You have declined; the office reads your reason."),
        danger=True,
    )


@require_POST
@login_required
def offer_withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take an offer back."""
    offer = _offer(request, uid)
    return deed(
        request,
        lambda: services.withdraw_terms(actor=person(request), offer=offer),
        done=_("The offer of load and terms is withdrawn."),
        back=_address(offer.person),
    )


@require_http_methods(_FORM)
@login_required
def slot_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Give a student a place beside a mentor."""
    mentor = mentor_or_404(request, uid)
    demand(person(request), "mentors.take_slot", mentor)
    load = selectors.load_of([mentor], timezone.localdate())[mentor.pk]
    return form_page(
        request,
        forms.SlotForm(request.POST or None),
        lambda data: services.take_slot(actor=person(request), mentor=mentor, **data),
        title=_("Give %(mentor)s a trainee") % {"mentor": mentor},
        lead=_("Today %(taken)s of %(limit)s slots are taken.") % {"taken": load.taken, "limit": load.limit},
        submit=_("Give the slot"),
        back=_address(mentor),
        back_label=str(mentor),
        done=_("The student has a slot."),
        goes_back=True,
    )


@require_http_methods(_FORM)
@login_required
def slot_free(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Let a slot end."""
    open_ = Slot.objects.known().visible_to(person(request)).select_related("mentor", "student")
    slot: Any = found_or_404(open_.filter(uid=uid).first())
    demand(person(request), "mentors.take_slot", slot.mentor)
    return form_page(
        request,
        forms.FreeForm(request.POST or None),
        lambda data: services.free_slot(actor=person(request), slot=slot, **data),
        title=_("Free the slot of %(student)s") % {"student": slot.student},
        submit=_("Free it"),
        back=_address(slot.mentor),
        back_label=str(slot.mentor),
        done=_("The slot ends on that day."),
        goes_back=True,
    )
