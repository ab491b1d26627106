"""What waits in the credit bank: claims to decide, corrections asked for, achievements to deposit, rules to publish."""

from datetime import date

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.inbox import Waiting
from ronghe.apps.accounts.models import Person
from ronghe.apps.community import standing
from ronghe.apps.community.models import RoleKind
from ronghe.apps.credits.models import Achievement, AchievementState, ConversionRule, Correction, TransactionKind

_SHOWN = 6


def waiting_for(person: Person) -> list[Waiting]:
    """What the first screen of the office says of the credit bank: corrections asked for, the oldest first."""
    if not standing.holds(person, RoleKind.OFFICE):
        return []
    return [
        Waiting(
            _("Correct credits: %(name)s") % {"name": one.achievement.name},
            one.reason,
            None,
            reverse("credits:achievement", args=[one.achievement.uid]),
            action_label=timezone.localdate(one.asked_at).isoformat(),
        )
        for one in corrections_waiting(person)[:_SHOWN]
    ]


def claims_waiting(person: Person) -> QuerySet[Achievement]:
    """Claims that this person can decide about: visible ones of others. The service checks each once more."""
    claimed = Achievement.objects.visible_to(person).filter(state=AchievementState.CLAIMED)
    return claimed.exclude(person=person).exclude(claimed_by=person).select_related("person", "host").distinct()


def corrections_waiting(person: Person) -> QuerySet[Correction]:
    """Requests for corrections that the office has not settled, the oldest first."""
    open_ = Correction.objects.visible_to(person).waiting().exclude(achievement__person=person)
    return open_.select_related("achievement__person", "asked_by").order_by("asked_at", "pk")


def undeposited(person: Person) -> QuerySet[Achievement]:
    """Confirmed achievements this person sees that are not in the book, or were taken out of it again."""
    confirmed = Achievement.objects.visible_to(person).filter(state=AchievementState.CONFIRMED)
    booked = Achievement.objects.filter(
        transactions__kind=TransactionKind.DEPOSIT, transactions__reversal__isnull=True
    ).values("pk")
    return confirmed.exclude(pk__in=booked).select_related("person", "host").distinct()


def rules_in_force(on: date | None = None) -> QuerySet[ConversionRule]:
    """Published rules that convert what is finished on a day."""
    rules = ConversionRule.objects.published().on(on or timezone.localdate())
    return rules.select_related("programme").order_by("source", "programme__name_zh")


def rules_proposed() -> QuerySet[ConversionRule]:
    """Rules that wait for a second person."""
    proposed = ConversionRule.objects.known().filter(published_by_uid__isnull=True)
    return proposed.select_related("programme").order_by("source", "valid_from")
