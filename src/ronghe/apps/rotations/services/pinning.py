"""The office's word on single fortnights of groups, before a plan is published; computing again makes it so."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.event_types import EventType
from ronghe.apps.rotations import events
from ronghe.apps.rotations.models import Group, Pin, PinKind, Plan
from ronghe.apps.sites.models import MachineFamily


@transaction.atomic
def pin_group(
    *, actor: Person, plan: Plan, group: Group, fortnight: int, family: MachineFamily, kind: str, reason: str
) -> Pin:
    """Say that a group is at a family in a fortnight, counted from 0, or must not be (`kind` of PinKind), and why."""
    demand(actor, "rotations.plan")
    plan = _open(plan)
    if not plan.groups.filter(pk=group.pk).exists():
        raise ValidationError({"group": _("This plan has no such group; its groups were formed anew.")})
    if not 0 <= fortnight < plan.fortnights:
        raise ValidationError({"fortnight": _("This plan has no such fortnight.")})
    if not plan.needs.filter(family=family).exists():
        raise ValidationError({"family": _("No group of this plan works at this family.")})
    if not reason.strip():
        raise ValidationError({"reason": _("Say why; whoever plans after you reads it.")})
    here = Pin.objects.filter(group=group, fortnight=fortnight)
    if here.filter(family=family).exists() or (kind == PinKind.PINNED and here.filter(kind=kind).exists()):
        raise ValidationError(_("There is a decision on this fortnight of the group already; lift it first."))
    pin = Pin(
        plan=plan, group=group, fortnight=fortnight, family=family, kind=kind, reason=reason.strip(), made_by=actor
    )
    pin.full_clean(exclude=["made_by"])
    pin.save()
    _record(actor, events.PIN_SET, pin)
    return pin


@transaction.atomic
def lift_pin(*, actor: Person, pin: Pin) -> None:
    """Take the word back; the log keeps it."""
    demand(actor, "rotations.plan")
    _open(pin.plan)
    kept = Pin.objects.select_for_update().select_related("group", "family", "plan").filter(pk=pin.pk).first()
    if kept is None:
        raise ValidationError(_("Somebody has lifted this already."))
    _record(actor, events.PIN_LIFTED, kept)
    kept.delete()


def unkept(pins: Iterable[Pin]) -> list[Pin]:
    """Those that the plan as it stands does not keep."""
    return [pin for pin in pins if not pin.is_kept]


def pins_of(plan: Plan) -> list[Pin]:
    """The pins of a plan with what tells whether they are kept; two queries."""
    return list(plan.pins.select_related("group", "family", "made_by").prefetch_related("group__stays"))


def _open(plan: Plan) -> Plan:
    now = Plan.objects.select_for_update().get(pk=plan.pk)
    if not now.is_open:
        raise ValidationError(_("Fortnights are pinned before a plan is published, and not while it is computed."))
    return now


def _record(actor: Person, type_: EventType, pin: Pin) -> None:
    ledger.record(
        actor=actor,
        type=type_,
        subject=pin.plan,
        payload={
            "group": pin.group.number,
            "fortnight": pin.fortnight + 1,
            "family": pin.family.code,
            "forbidden": pin.kind == PinKind.FORBIDDEN,
            "reason": pin.reason,
        },
    )
