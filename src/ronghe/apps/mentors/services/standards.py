"""Fee standards, proposed by one person and published by another, and benchmarks with their source. Never edited."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Region
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.mentors import events
from ronghe.apps.mentors.models import Benchmark, FeeStandard
from ronghe.apps.metrics.dated import end, supersede, withdraw


@transaction.atomic
def propose_standard(*, actor: Person, **fields: Any) -> FeeStandard:
    """Write a standard down; it pays nothing until a second person publishes it. Raises ValidationError by field."""
    demand(actor, "mentors.propose_standard")
    standard = FeeStandard(proposed_by_uid=actor.uid, **fields)
    standard.full_clean()
    standard.save()
    ledger.record(
        actor=actor,
        type=events.STANDARD_PROPOSED,
        subject=standard,
        payload={
            "kind": str(standard.kind),
            "title": standard.title or None,
            "amount": standard.amount,
            "clause": standard.clause,
            "valid_from": standard.valid_from,
            "valid_until": standard.valid_until,
        },
    )
    return standard


@transaction.atomic
def publish_standard(*, actor: Person, standard: FeeStandard) -> FeeStandard:
    """Put a proposed standard in force. Refused to its author, and where another pays the same mentors then."""
    demand(actor, "mentors.propose_standard")
    standard = FeeStandard.objects.select_for_update().get(pk=standard.pk)
    if standard.superseded_at is not None or standard.published_by_uid is not None:
        raise ValidationError(_("This standard no longer waits for publication."))
    if standard.proposed_by_uid == actor.uid:
        raise ValidationError(_("A second person publishes a standard: ask a colleague to read yours."))
    in_the_way = FeeStandard.objects.published().known().filter(kind=standard.kind, title=standard.title)
    if standard.valid_until is not None:
        in_the_way = in_the_way.filter(valid_from__lt=standard.valid_until)
    in_the_way = in_the_way.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=standard.valid_from))
    if other := in_the_way.first():
        raise ValidationError(
            _("“%(other)s” pays the same mentors from %(day)s on: end it first, or let this one begin afterwards.")
            % {"other": other.name, "day": other.valid_from}
        )
    standard = supersede(standard, published_by_uid=actor.uid, published_at=timezone.now())
    ledger.record(
        actor=actor,
        type=events.STANDARD_PUBLISHED,
        subject=standard,
        payload={"proposed_by": standard.proposed_by_uid},
    )
    return standard


@transaction.atomic
def end_standard(*, actor: Person, standard: FeeStandard, valid_until: date) -> FeeStandard | None:
    """Let a standard pay nothing taught from `valid_until` on. What was confirmed by it keeps its fee."""
    demand(actor, "mentors.propose_standard")
    if standard.published_by_uid is None:
        raise ValidationError(_("Only a published standard ends; withdraw a proposed one."))
    if standard.valid_until is not None and valid_until >= standard.valid_until:
        raise ValidationError({"valid_until": _("The standard ends before that day already.")})
    shortened = end(standard, valid_until)
    ledger.record(
        actor=actor,
        type=events.STANDARD_ENDED,
        subject=shortened or standard,
        payload={"valid_until": valid_until},
    )
    return shortened


@transaction.atomic
def withdraw_standard(*, actor: Person, standard: FeeStandard) -> None:
    """Take a proposed standard back."""
    demand(actor, "mentors.propose_standard")
    if standard.published_by_uid is not None:
        raise ValidationError(_("The standard is published: it can only end on a day."))
    withdraw(standard)
    ledger.record(actor=actor, type=events.STANDARD_WITHDRAWN, subject=standard)


@transaction.atomic
def set_benchmark(
    *, actor: Person, kind: str, amount: Decimal, source: str, valid_from: date, region: Region | None = None
) -> Benchmark:
    """Say what a class hour is paid elsewhere from a day on, and who says so. Hours confirmed before keep theirs."""
    demand(actor, "mentors.set_benchmark")
    benchmark = Benchmark(
        kind=kind,
        region=region,
        amount=amount,
        source=source.strip(),
        valid_from=valid_from,
        set_by_uid=actor.uid,
    )
    benchmark.full_clean()
    known = Benchmark.objects.known().filter(kind=kind, region=region).select_for_update()
    standing = known.order_by("-valid_from").first()
    if standing is not None:
        if valid_from < standing.valid_from:
            raise ValidationError(
                {"valid_from": _("A benchmark from %(day)s on stands already.") % {"day": standing.valid_from}}
            )
        if standing.valid_until is None or standing.valid_until > valid_from:
            end(standing, valid_from)
    benchmark.save()
    ledger.record(
        actor=actor,
        type=events.BENCHMARK_SET,
        subject=benchmark,
        payload={
            "kind": str(kind),
            "region": region.code if region else None,
            "amount": amount,
            "source": benchmark.source,
            "valid_from": valid_from,
        },
    )
    return benchmark


def standard_on(day: date, kind: str, title: str) -> FeeStandard | None:
    """The published standard that pays a mentor on a day: the one for the title goes before the one for all."""
    found = FeeStandard.objects.published().on(day).filter(kind=kind, title__in=[title, ""])
    return found.order_by("-title").first()


def benchmark_on(day: date, kind: str, region: Region | None) -> Benchmark | None:
    """The benchmark of a day: the region's, else that of the region around it, else the one for every region."""
    found = {one.region_id: one for one in Benchmark.objects.on(day).filter(kind=kind)}
    while region is not None:
        if region.pk in found:
            return found[region.pk]
        region = region.parent
    return found.get(None)
