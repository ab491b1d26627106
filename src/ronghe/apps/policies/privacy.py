"""What policies know about a person: payslips and mail are theirs and go; what was decided stays, without the name."""

from typing import Any

from ronghe.apps.accounts import privacy
from ronghe.apps.accounts.models import Person
from ronghe.apps.policies.models import (
    ClaimStep,
    Decision,
    DigestChoice,
    Exemption,
    PayLink,
    Payslip,
    Question,
    RuleSetVersion,
)

_IN_OFFICE: tuple[tuple[Any, str], ...] = (
    (RuleSetVersion, "proposed_by"),
    (RuleSetVersion, "decided_by"),
    (Exemption, "asked_by"),
    (Exemption, "decided_by"),
    (Decision, "signed_by"),
    (Question, "asked_by"),
    (Question, "answered_by"),
    (ClaimStep, "by"),
    (PayLink, "published_by"),
)


def _export(person: Person) -> dict[str, Any]:
    return {
        "payslips": list(
            Payslip.objects.filter(person=person)
            .order_by("pk")
            .values("organisation__name_zh", "month", "post_zh", "base_pay", "paid", "declared_by")
        ),
        "weekly_mail": list(DigestChoice.objects.filter(person=person).values("is_wanted", "last_sent_on")),
        "in_office": {
            f"{model._meta.model_name}.{field}": list(
                model.objects.filter(**{field: person}).order_by("pk").values_list("pk", flat=True)
            )
            for model, field in _IN_OFFICE
        },
    }


def _erase(person: Person) -> int:
    """Payslips and choices go; rule sets, exemptions, decisions and claims stay, without the name."""
    gone = Payslip.objects.filter(person=person).delete()[0] + DigestChoice.objects.filter(person=person).delete()[0]
    for model, field in _IN_OFFICE:
        gone += model.objects.filter(**{field: person}).update(**{field: None})
    return gone


privacy.register("policies", export=_export, erase=_erase)
