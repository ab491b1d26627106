"""What is recognised on a day, by whom and on which paper; and what is only our own reading."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils import timezone

from ronghe.apps.credentials.models import Achievement, AchievementMapping, RecognitionAgreement


@dataclass(frozen=True, slots=True)
class Recognised:
    """An achievement's place outside: mappings, agreements in force, and agreements that count for nothing yet."""

    mappings: Sequence[AchievementMapping]
    in_force: Sequence[RecognitionAgreement]
    unconfirmed: Sequence[RecognitionAgreement]

    @property
    def is_recognised(self) -> bool:
        """Whether some body recognises it today by a paper that a second person has confirmed."""
        return any(one.direction != RecognitionAgreement.Direction.THEIRS for one in self.in_force)


def recognition_of(achievement: Achievement, on: date | None = None) -> Recognised:
    """Return how an achievement stands outside on a day (today)."""
    day = on or timezone.localdate()
    agreements = list(RecognitionAgreement.objects.on(day).filter(achievements=achievement))
    return Recognised(
        mappings=list(mappings_on(day).filter(achievement=achievement)),
        in_force=[one for one in agreements if one.confirmed_at is not None],
        unconfirmed=[one for one in agreements if one.confirmed_at is None],
    )


def mappings_on(day: date) -> QuerySet[AchievementMapping]:
    """Every mapping that holds on a day."""
    return AchievementMapping.objects.on(day).select_related("achievement").order_by("achievement__code", "framework")


def agreements_on(day: date) -> QuerySet[RecognitionAgreement]:
    """Every agreement that holds on a day, confirmed or not."""
    return (
        RecognitionAgreement.objects.on(day)
        .select_related("recorded_by", "confirmed_by")
        .prefetch_related("achievements")
        .order_by("-valid_from", "pk")
    )
