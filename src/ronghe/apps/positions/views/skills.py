"""Skills: what a student declares, what the programme brings, and what a teacher confirms."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.pages import deed, form_page, person
from ronghe.apps.demand.models import Skill
from ronghe.apps.positions import services
from ronghe.apps.positions import skills as known
from ronghe.apps.positions.forms import SkillForm
from ronghe.apps.positions.models import StudentSkill
from ronghe.apps.positions.views.frame import found_or_404, tabs

_A_PAGE = 30


@require_safe
@login_required
def skills(request: HttpRequest) -> HttpResponse:
    """A student's own skills by where they come from; for a teacher what waits for confirmation."""
    user = person(request)
    is_student = user.has_perm("positions.declare_skill")
    is_teacher = user.has_perm("positions.confirm_skill")
    found_or_404(user if is_student or is_teacher else None)
    context: dict[str, Any] = {
        "tabs": tabs(user, "skills"),
        "is_student": is_student,
        "is_teacher": is_teacher,
    }
    if is_student:
        sources = known.by_source(user.pk)
        named = Skill.objects.in_bulk({skill for _label, levels in sources for skill in levels})
        context |= {
            "declared": StudentSkill.objects.filter(person=user).select_related("skill", "confirmed_by"),
            "sources": [
                (label, sorted(((named[skill], level) for skill, level in levels.items()), key=lambda one: -one[1]))
                for label, levels in sources
                if levels
            ],
        }
    if is_teacher:
        waiting = StudentSkill.objects.visible_to(user).filter(confirmed_at=None).exclude(person=user)
        found = waiting.select_related("person", "skill").order_by("declared_at", "pk")
        context["page"] = Paginator(found, _A_PAGE).get_page(request.GET.get("page"))
    return render(request, "positions/skills.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def declare(request: HttpRequest) -> HttpResponse:
    """Declare a skill."""
    user = person(request)
    found_or_404(user if user.has_perm("positions.declare_skill") else None)
    return form_page(
        request,
        SkillForm(request.POST or None),
        lambda data: services.declare_skill(actor=user, **data),
        title=_("Declare a skill"),
        lead=_("It counts in the matching once a teacher of your university has confirmed it."),
        submit=_("Declare it"),
        back=reverse("positions:skills"),
        back_label=_("Skills of students"),
        done=_("It is declared and waits for a teacher."),
        goes_back=True,
        template="positions/skill_form.html",
    )


def _skill(request: HttpRequest, key: int) -> StudentSkill:
    return found_or_404(
        StudentSkill.objects.visible_to(person(request)).select_related("person", "skill").filter(pk=key).first()
    )


@require_POST
@login_required
def confirm(request: HttpRequest, key: int) -> HttpResponse:
    """Confirm what a student declared, as it was shown."""
    row = _skill(request, key)
    seen = request.POST.get("level", "")
    if seen.isascii() and seen.isdigit() and len(seen) == 1:
        row.skill_level = int(seen)
    return deed(
        request,
        lambda: services.confirm_skill(actor=person(request), declared=row),
        done=_("The skill is confirmed."),
        back=reverse("positions:skills"),
    )


@require_POST
@login_required
def take_back(request: HttpRequest, key: int) -> HttpResponse:
    """Take back what one declared."""
    row = _skill(request, key)
    return deed(
        request,
        lambda: services.take_back_skill(actor=person(request), declared=row),
        done=_("It is taken back."),
        back=reverse("positions:skills"),
    )
