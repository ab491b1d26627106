"""Who may be given a certificate, and why someone may not: every reason at once, for many people in a few queries."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ronghe.apps.accounts import purposes as all_purposes
from ronghe.apps.accounts.models import Consent, Person
from ronghe.apps.community.models import CohortMembership, Role, RoleKind
from ronghe.apps.credentials.models import AchievementVersion, Certificate, CertificateState, Condition
from ronghe.apps.credentials.purposes import CERTIFICATES
from ronghe.apps.metrics import registry
from ronghe.apps.metrics.measurement import Window

_DAYS_A_MONTH = 30.4375
# Databases take so many values in a condition and not many more.
_AT_ONCE = 5_000

NOT_A_STUDENT = gettext_noop("This person is not a student of the community and has never been one.")
NO_CONSENT = gettext_noop(
    "This person has not agreed that certificates are issued to them. "
    "They sign in and agree under “My account”, “What I agreed to”."
)
DUPLICATE = gettext_noop("This person holds this certificate already. Correct or renew that one.")
UNMEASURED = gettext_noop("%(condition)s: no station measures %(metric)s yet.")
NO_DATA = gettext_noop("%(condition)s: nothing is recorded (at least %(least)s is asked for).")
TOO_LITTLE = gettext_noop("%(condition)s: %(value)s of at least %(least)s.")
ERASED = gettext_noop("This person's data were erased.")


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason: a stable name, the sentence as it is translated, and what fills its gaps."""

    code: str
    sentence: str
    values: Mapping[str, str]

    @property
    def text(self) -> str:
        """The reason in the language of the page."""
        return _(self.sentence) % self.values if self.values else _(self.sentence)


def refusals(
    version: AchievementVersion, people: Sequence[Person], *, on: date | None = None, but: Certificate | None = None
) -> dict[int, list[Refusal]]:
    """Return why each of `people` may not be given this version on a day (today); an empty list: they may.

    `but` is a certificate that the new one is to replace, so that it is no duplicate.
    """
    day = on or timezone.localdate()
    found: dict[int, list[Refusal]] = {}
    for start in range(0, len(people), _AT_ONCE):
        found |= _refusals(version, people[start : start + _AT_ONCE], day, but)
    return found


def _refusals(
    version: AchievementVersion, people: Sequence[Person], day: date, but: Certificate | None
) -> dict[int, list[Refusal]]:
    keys = [person.pk for person in people]
    students = _students(keys)
    consenting = set(
        Consent.objects.filter(
            person__in=keys,
            purpose=CERTIFICATES.name,
            version=all_purposes.find(CERTIFICATES.name).version,
            withdrawn_at__isnull=True,
        ).values_list("person_id", flat=True)
    )
    holding = _holding(version, keys, but)
    unmet = _unmet_conditions(version, keys, day)
    found: dict[int, list[Refusal]] = {}
    for person in people:
        reasons = found[person.pk] = []
        if person.erased_at is not None:
            reasons.append(Refusal("erased", ERASED, {}))
            continue
        if person.pk not in students:
            reasons.append(Refusal("not-a-student", NOT_A_STUDENT, {}))
        if person.pk not in consenting:
            reasons.append(Refusal("no-consent", NO_CONSENT, {}))
        if person.pk in holding:
            reasons.append(Refusal("duplicate", DUPLICATE, {}))
        reasons += unmet[person.pk]
    return found


def _students(people: Sequence[int]) -> set[int]:
    """Those who are or once were in a cohort, or hold the role: who has left may still be given what they earned."""
    enrolled = CohortMembership.objects.known().filter(person__in=people).values_list("person_id", flat=True)
    named = Role.objects.known().filter(person__in=people, kind=RoleKind.STUDENT).values_list("person_id", flat=True)
    return set(enrolled) | set(named)


def _holding(version: AchievementVersion, people: Sequence[int], but: Certificate | None) -> set[int]:
    now = timezone.now()
    held = (
        Certificate.objects.filter(holder__in=people, version__achievement=version.achievement_id, replaced=False)
        .exclude(state=CertificateState.REVOKED)
        .exclude(valid_until__lte=now)
    )
    if but is not None:
        held = held.exclude(pk=but.pk)
    return set(held.values_list("holder_id", flat=True))


def _unmet_conditions(version: AchievementVersion, people: Sequence[int], day: date) -> dict[int, list[Refusal]]:
    found: defaultdict[int, list[Refusal]] = defaultdict(list)
    for condition in version.conditions.all():
        if condition.is_waived:
            continue
        words = {"condition": condition.name, "metric": condition.metric, "least": f"{condition.least:g}"}
        if not registry.is_registered(condition.metric):
            for person in people:
                found[person].append(Refusal("unmeasured", UNMEASURED, words))
            continue
        measured = registry.measure(condition.metric, list(people), _window(condition, day))
        for person in people:
            value = measured[person].value
            if value is None:
                found[person].append(Refusal("no-data", NO_DATA, words))
            elif value < condition.least:
                found[person].append(Refusal("too-little", TOO_LITTLE, {**words, "value": f"{value:g}"}))
    return found


def _window(condition: Condition, day: date) -> Window:
    if condition.months is None:
        return Window(date(1, 1, 1), day)
    return Window(day - timedelta(days=round(condition.months * _DAYS_A_MONTH)), day)
