"""Statements that the bank vouched for: what was stated of an account, kept so that its file can be had again.

The ledger names the hash of each; the rows here hold the words.
"""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community import standing
from ronghe.apps.credits.models.accounts import Account


class StatedQuerySet(models.QuerySet["Stated"]):
    """Reads of statements."""

    def visible_to(self, user: Any) -> Self:
        """As open as the account."""
        if not standing.is_signed_in(user):
            return self.none()
        return self.filter(account__in=Account.objects.visible_to(user).order_by().values("pk"))


class Stated(models.Model):
    """What the bank stated of a student's account at a moment: its content, and the event that names its hash."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="stated")
    made_at = models.DateTimeField(_("made at"), default=timezone.now, editable=False)
    # Empty once the person has been erased.
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    event = models.OneToOneField("ledger.Event", on_delete=models.PROTECT, related_name="+", editable=False)
    content = models.JSONField(editable=False)

    objects = StatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("statement with proof")
        verbose_name_plural = _("statements with proof")
        ordering = ["-made_at", "-pk"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.account} {self.made_at:%Y-%m-%d}"
