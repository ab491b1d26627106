"""Technical administration: to look at, not to change; what changes goes through the services."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from ronghe.apps.policies.models import Decision, Exemption, IncentiveClaim, PayLink, RuleSetVersion


class _ReadOnly(admin.ModelAdmin[Any]):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(RuleSetVersion)
class RuleSetVersionAdmin(_ReadOnly):
    list_display = ("rule_set", "number", "state", "digest", "decided_at")
    list_filter = ("state",)


@admin.register(Exemption)
class ExemptionAdmin(_ReadOnly):
    list_display = ("rule_key", "subject_kind", "subject_key", "state", "first_day", "last_day")
    list_filter = ("state", "subject_kind")


@admin.register(Decision)
class DecisionAdmin(_ReadOnly):
    list_display = ("subject_kind", "subject_key", "day", "digest", "signed_at")


@admin.register(IncentiveClaim)
class IncentiveClaimAdmin(_ReadOnly):
    list_display = ("organisation", "incentive_key", "year", "state")
    list_filter = ("state",)


@admin.register(PayLink)
class PayLinkAdmin(_ReadOnly):
    list_display = ("organisation", "post_zh", "level", "kind", "valid_from", "valid_until")
