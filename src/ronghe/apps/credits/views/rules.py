"""Rules of conversion, and what programmes ask for."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.pages import deed, form_page, person
from ronghe.apps.community import standing
from ronghe.apps.community.models import RoleKind
from ronghe.apps.community.services.permission import demand
from ronghe.apps.credits import selectors, services
from ronghe.apps.credits.forms import EndForm, RuleForm, TargetForm
from ronghe.apps.credits.models import ConversionRule
from ronghe.apps.credits.views.frame import found_or_404
from ronghe.apps.curriculum.models import Programme
from ronghe.apps.metrics import registry
from ronghe.apps.metrics.measurement import Window


def _own_programmes(request: HttpRequest) -> QuerySet[Programme]:
    """Programmes for which this person may write rules."""
    programmes = Programme.objects.visible_to(request.user)
    if standing.holds(request.user, RoleKind.OFFICE):
        return programmes
    return programmes.filter(organisation__in=standing.organisations(request.user, RoleKind.TEACHER))


@require_safe
@login_required
@permission_required("credits.view_rules", raise_exception=True)
def rule_list(request: HttpRequest) -> HttpResponse:
    """The rules in force, and the proposals."""
    user = person(request)
    may_propose = _own_programmes(request).exists()
    context = {
        "rules": selectors.rules_in_force(),
        "proposed": [
            (rule, user.has_perm("credits.publish_rule", rule.programme) and rule.proposed_by_uid != user.uid)
            for rule in selectors.rules_proposed()
        ]
        if may_propose
        else [],
        "may_propose": may_propose,
        "programmes": _own_programmes(request),
        "me": user.uid,
        "is_office": standing.holds(user, RoleKind.OFFICE),
    }
    return render(request, "credits/rules.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def rule_new(request: HttpRequest) -> HttpResponse:
    """Propose a rule."""
    is_office = standing.holds(request.user, RoleKind.OFFICE)
    programmes = _own_programmes(request)
    if not is_office and not programmes.exists():
        demand(person(request), "credits.propose_rule", None)
    return form_page(
        request,
        RuleForm(request.POST or None, programmes=programmes, needs_programme=not is_office),
        lambda data: services.propose_rule(actor=person(request), **data),
        title=_("Propose a rule of conversion"),
        lead=_("It converts nothing until a second person has published it, and nothing deposited before changes."),
        submit=_("Propose it"),
        back=reverse("credits:rules"),
        back_label=_("Rules of conversion"),
        done=_("The rule is proposed; a second person publishes it."),
    )


def _rule(key: int) -> ConversionRule:
    return found_or_404(ConversionRule.objects.known().select_related("programme").filter(pk=key).first())


@require_POST
@login_required
def rule_publish(request: HttpRequest, key: int) -> HttpResponse:
    """Put a proposal in force."""
    return deed(
        request,
        lambda: services.publish_rule(actor=person(request), rule=_rule(key)),
        done=_("The rule is in force from its first day on."),
        back=reverse("credits:rules"),
    )


@require_POST
@login_required
def rule_withdraw(request: HttpRequest, key: int) -> HttpResponse:
    """Take a proposal back."""
    return deed(
        request,
        lambda: services.withdraw_rule(actor=person(request), rule=_rule(key)),
        done=_("The proposal is withdrawn."),
        back=reverse("credits:rules"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def rule_end(request: HttpRequest, key: int) -> HttpResponse:
    """Let a rule end on a day."""
    rule = _rule(key)
    demand(person(request), "credits.publish_rule", rule.programme)
    return form_page(
        request,
        EndForm(request.POST or None),
        lambda data: services.end_rule(actor=person(request), rule=rule, **data),
        title=_("End “%(name)s”") % {"name": rule.name},
        lead=_("What was deposited by it stays as it is; what is finished from that day on needs another rule."),
        submit=_("End it"),
        back=reverse("credits:rules"),
        back_label=_("Rules of conversion"),
        done=_("The rule ends on that day."),
        danger=True,
    )


def _programme(request: HttpRequest, uid: UUID) -> Programme:
    return found_or_404(Programme.objects.visible_to(request.user).filter(uid=uid).first())


@require_safe
@login_required
@permission_required("credits.view_every_account", raise_exception=True)
def programme_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """How far the students of a programme are."""
    programme = _programme(request, uid)
    sees_students = person(request).has_perm("credits.redeem", programme)
    today = timezone.localdate()
    window = Window(programme.founded_on, max(today, programme.founded_on))
    name = "credits.programme.practice_share"
    context = {
        "programme": programme,
        "students": selectors.students_progress(programme) if sees_students else [],
        "sees_students": sees_students,
        "share": registry.measure(name, [programme.pk], window)[programme.pk],
        "definitions": [registry.get(name)],
        "may_set": person(request).has_perm("credits.set_target", programme),
    }
    return render(request, "credits/programme.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def target(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say what a programme asks for."""
    programme = _programme(request, uid)
    demand(person(request), "credits.set_target", programme)

    def act(data: dict[str, Any]) -> None:
        services.set_target(actor=person(request), programme=programme, **data)

    return form_page(
        request,
        TargetForm(request.POST or None, initial={"valid_from": timezone.localdate()}),
        act,
        title=_("What “%(name)s” asks for") % {"name": programme.name},
        submit=_("Set it"),
        back=reverse("credits:programme", args=[programme.uid]),
        back_label=programme.name,
        done=_("The target stands from that day on."),
    )
