"""Rules of conversion and targets of programmes: proposed by one person, published by another, ended, never edited."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.credits import events
from ronghe.apps.credits.models import ConversionRule, ProgrammeTarget
from ronghe.apps.curriculum.models import Programme
from ronghe.apps.ledger import services as ledger
from ronghe.apps.metrics.dated import end, supersede, withdraw


@transaction.atomic
def propose_rule(*, actor: Person, programme: Programme | None = None, **fields: Any) -> ConversionRule:
    """Write down a rule that converts nothing until a second person publishes it. Raises ValidationError by field."""
    demand(actor, "credits.propose_rule", programme)
    rule = ConversionRule(programme=programme, proposed_by_uid=actor.uid, **fields)
    rule.full_clean()
    rule.save()
    ledger.record(
        actor=actor,
        type=events.RULE_PROPOSED,
        subject=rule,
        payload={
            name: getattr(rule, name)
            for name in (
                "source", "per", "credits", "step", "is_practice", "clause", "valid_from", "programme", "most_a_year",
                "months_valid", "valid_until",
            )
            if getattr(rule, name) is not None
        },
    )  # fmt: skip
    return rule


@transaction.atomic
def publish_rule(*, actor: Person, rule: ConversionRule) -> ConversionRule:
    """Put a proposed rule in force. Refused to its author, and where another rule says the same on one of its days."""
    demand(actor, "credits.publish_rule", rule.programme)
    rule = ConversionRule.objects.select_for_update().get(pk=rule.pk)
    if rule.superseded_at is not None or rule.published_by_uid is not None:
        raise ValidationError(_("This rule no longer waits for publication."))
    if rule.proposed_by_uid == actor.uid:
        raise ValidationError(_("A second person publishes a rule: ask a colleague to read yours."))
    in_the_way = ConversionRule.objects.published().known().filter(source=rule.source, programme=rule.programme)
    if rule.valid_until is not None:
        in_the_way = in_the_way.filter(valid_from__lt=rule.valid_until)
    in_the_way = in_the_way.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=rule.valid_from))
    if other := in_the_way.first():
        raise ValidationError(
            _("“%(other)s” converts the same from %(day)s on: end it first, or let this one begin when it has ended.")
            % {"other": other.name, "day": other.valid_from}
        )
    rule = supersede(rule, published_by_uid=actor.uid, published_at=timezone.now())
    author = Person.objects.filter(uid=rule.proposed_by_uid).first()
    ledger.record(
        actor=actor,
        type=events.RULE_PUBLISHED,
        subject=rule,
        payload={"proposed_by": author.uid if author else rule.proposed_by_uid},
    )
    return rule


@transaction.atomic
def end_rule(*, actor: Person, rule: ConversionRule, valid_until: date) -> ConversionRule | None:
    """Let a published rule convert nothing achieved from `valid_until` on. Deposits made by it stay as they are."""
    demand(actor, "credits.publish_rule", rule.programme)
    if rule.published_by_uid is None:
        raise ValidationError(_("Only a published rule ends; withdraw a proposed one."))
    if rule.valid_until is not None and valid_until >= rule.valid_until:
        raise ValidationError({"valid_until": _("The rule ends before that day already.")})
    shortened = end(rule, valid_until)
    ledger.record(actor=actor, type=events.RULE_ENDED, subject=shortened or rule, payload={"valid_until": valid_until})
    return shortened


@transaction.atomic
def withdraw_rule(*, actor: Person, rule: ConversionRule) -> None:
    """Take a proposed rule back."""
    demand(actor, "credits.propose_rule", rule.programme)
    if rule.published_by_uid is not None:
        raise ValidationError(_("The rule is published: it can only end on a day."))
    withdraw(rule)
    ledger.record(actor=actor, type=events.RULE_WITHDRAWN, subject=rule)


@transaction.atomic
def set_target(
    *, actor: Person, programme: Programme, credits: Decimal, practice_share: Decimal, valid_from: date
) -> ProgrammeTarget:
    """Say how many credits a programme asks for from a day on, and what share of them is practice."""
    demand(actor, "credits.set_target", programme)
    standing = ProgrammeTarget.objects.known().filter(programme=programme, valid_until__isnull=True).first()
    if standing is not None:
        if valid_from < standing.valid_from:
            raise ValidationError(
                {"valid_from": _("A target from %(day)s on stands already.") % {"day": standing.valid_from}}
            )
        end(standing, valid_from)
    target = ProgrammeTarget(
        programme=programme, credits=credits, practice_share=practice_share, valid_from=valid_from, set_by=actor
    )
    target.full_clean()
    target.save()
    ledger.record(
        actor=actor,
        type=events.TARGET_SET,
        subject=programme,
        payload={"credits": credits, "practice_share": practice_share, "valid_from": valid_from},
    )
    return target
