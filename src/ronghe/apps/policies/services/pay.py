"""Pay tables of firms, and payslips that a worker or the firm declares."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation, OrganisationKind
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.metrics.dated import end, supersede
from ronghe.apps.policies import events
from ronghe.apps.policies.models import DeclaredBy, PayLink, Payslip, UpliftKind
from ronghe.apps.policies.selectors.pay import month_of
from ronghe.apps.policies.services.rule_sets import said

MOST_PERCENT, MOST_YUAN = Decimal(500), Decimal(1_000_000)


def _payload(link: PayLink) -> dict[str, Any]:
    return {
        "organisation": link.organisation,
        "level": link.level,
        "post_zh": link.post_zh,
        "kind": link.kind,
        "uplift": link.uplift,
        "valid_from": link.valid_from,
    }


@transaction.atomic
def publish_pay_link(
    *,
    actor: Person,
    organisation: Organisation,
    level: int,
    post_zh: str,
    kind: UpliftKind,
    uplift: Decimal,
    valid_from: date,
    post_en: str = "",
) -> PayLink:
    """Promise what a level earns in a post from a day on; an open promise for the same ends on that day.

    A promise is not made for days that have passed, and an earlier one keeps its dates. Raises ValidationError.
    """
    demand(actor, "policies.publish_pay_table", organisation)
    wrong: dict[str, str] = {}
    if organisation.kind != OrganisationKind.ENTERPRISE:
        wrong["__all__"] = _("Only an enterprise publishes a pay table.")
    if not 1 <= level <= 8:
        wrong["level"] = _("There are eight levels.")
    if not 0 <= uplift <= (MOST_PERCENT if kind == UpliftKind.RELATIVE else MOST_YUAN):
        wrong["uplift"] = _("This is not a possible uplift: at most 500% or 1,000,000 yuan.")
    if valid_from < timezone.localdate():
        wrong["valid_from"] = _("A promise begins today or later.")
    if wrong:
        raise ValidationError(wrong)
    post_zh = said(post_zh, "post_zh", _("Name the post."), 80)
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    same = PayLink.objects.known().filter(organisation=organisation, level=level, post_zh=post_zh)
    if same.filter(valid_from__gte=valid_from).exists():
        raise ValidationError({"valid_from": _("A promise for this level and post begins on that day or later.")})
    for link in same.filter(valid_until__isnull=True):
        supersede(link, valid_until=valid_from)
    link = PayLink.objects.create(
        organisation=organisation,
        level=level,
        post_zh=post_zh,
        post_en=post_en.strip()[:120],
        kind=kind,
        uplift=uplift,
        valid_from=valid_from,
        published_by=actor,
    )
    ledger.record(actor=actor, type=events.PAY_LINK_PUBLISHED, subject=link, payload=_payload(link))
    return link


@transaction.atomic
def end_pay_link(*, actor: Person, link: PayLink, day: date) -> PayLink | None:
    """End a promise from a day on, today at the earliest: what was promised for days past stays promised."""
    demand(actor, "policies.publish_pay_table", link.organisation)
    if day < timezone.localdate():
        raise ValidationError({"day": _("A promise ends today or later.")})
    if link.valid_until is not None and day >= link.valid_until:
        raise ValidationError({"day": _("It ends earlier already.")})
    ended = end(link, day)
    ledger.record(
        actor=actor, type=events.PAY_LINK_ENDED, subject=ended or link, payload={**_payload(link), "ends_on": day}
    )
    return ended


@transaction.atomic
def declare_payslip(
    *,
    actor: Person,
    organisation: Organisation,
    month: date,
    post_zh: str,
    base_pay: Decimal,
    paid: Decimal,
    person: Person | None = None,
) -> Payslip:
    """Declare what was earned in a month: oneself as the worker, or as HR of the firm for `person`. Private to both."""
    declared_by = DeclaredBy.WORKER if person is None or person == actor else DeclaredBy.FIRM
    if declared_by == DeclaredBy.FIRM:
        demand(actor, "policies.declare_payslip_for", organisation)
    else:
        demand(actor, "policies.declare_payslip")
    month = month_of(month)
    wrong: dict[str, str] = {}
    if organisation.kind != OrganisationKind.ENTERPRISE:
        wrong["organisation"] = _("Choose an enterprise.")
    if month > timezone.localdate() or month < timezone.localdate() - timedelta(days=365 * 10):
        wrong["month"] = _("Choose a month of the last ten years.")
    if not 0 < base_pay <= MOST_YUAN:
        wrong["base_pay"] = _("This is not a possible amount.")
    if not 0 <= paid <= MOST_YUAN:
        wrong["paid"] = _("This is not a possible amount.")
    if wrong:
        raise ValidationError(wrong)
    post_zh = said(post_zh, "post_zh", _("Name the post."), 80)
    try:
        with transaction.atomic():
            payslip = Payslip.objects.create(
                person=person or actor,
                organisation=organisation,
                month=month,
                post_zh=post_zh,
                base_pay=base_pay,
                paid=paid,
                declared_by=declared_by,
            )
    except IntegrityError as error:
        raise ValidationError({"month": _("This month was declared already. Withdraw it first.")}) from error
    ledger.record(
        actor=actor,
        type=events.PAYSLIP_DECLARED,
        subject=payslip,
        payload={"person": payslip.person, "organisation": organisation, "declared_by": declared_by.value},
    )
    return payslip


@transaction.atomic
def withdraw_payslip(*, actor: Person, payslip: Payslip) -> None:
    """Take back what one declared oneself; HR takes back what its firm declared. Raises PermissionDenied."""
    if payslip.declared_by == DeclaredBy.FIRM:
        demand(actor, "policies.declare_payslip_for", payslip.organisation)
    elif payslip.person_id != actor.pk:
        raise PermissionDenied(_("Only the worker may withdraw what the worker declared."))
    ledger.record(actor=actor, type=events.PAYSLIP_WITHDRAWN, subject=payslip, payload={"person": payslip.person})
    payslip.delete()
