"""The book: transactions and their entries. Rows are added and never changed; triggers refuse anything else.

An entry moves an amount from one account to another, so what leaves one side arrives at the other by construction.
"""

import uuid
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community import standing
from ronghe.apps.credits.models.accounts import Account, credits_of


class TransactionKind(models.TextChoices):
    """What happened to credits."""

    DEPOSIT = "deposit", _("Deposit")
    TRANSFER_IN = "transfer_in", _("Transfer from another institution")
    TRANSFER_OUT = "transfer_out", _("Transfer to another institution")
    REDEMPTION = "redemption", _("Redemption")
    EXPIRY = "expiry", _("Expiry")
    REVERSAL = "reversal", _("Reversal")


class Transaction(models.Model):
    """One event in the life of credits, with the rule and the achievement it rests on."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=TransactionKind.choices)
    happened_on = models.DateField(_("day"))
    recorded_at = models.DateTimeField(_("recorded at"))
    rule = models.ForeignKey("credits.ConversionRule", null=True, on_delete=models.PROTECT, related_name="deposits")
    achievement = models.ForeignKey(
        "credits.Achievement", null=True, on_delete=models.PROTECT, related_name="transactions"
    )
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="reversal")
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    # The statement by which another institution gave the credits: SHA-256 in hexadecimal.
    statement = models.CharField(_("statement"), max_length=64, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    class Meta:
        verbose_name = _("transaction")
        verbose_name_plural = _("transactions")
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=TransactionKind.values), name="credits_transaction_kind_known"),
            models.CheckConstraint(
                condition=Q(kind="reversal", reverses__isnull=False) | (~Q(kind="reversal") & Q(reverses__isnull=True)),
                name="credits_transaction_reverses_when_it_is_a_reversal",
            ),
            models.CheckConstraint(
                condition=~Q(kind="deposit") | Q(rule__isnull=False, achievement__isnull=False),
                name="credits_deposit_rests_on_rule_and_achievement",
            ),
            # A statement sent twice would otherwise give its credits twice.
            models.UniqueConstraint(
                fields=["statement"], condition=Q(kind="transfer_in"), name="credits_statement_taken_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.happened_on}"


class LotQuerySet(models.QuerySet["Lot"]):
    """Reads of lots."""

    def visible_to(self, user: Any) -> Self:
        """As open as the student's account."""
        if not standing.is_signed_in(user):
            return self.none()
        return self.filter(account__in=Account.objects.visible_to(user))


class Lot(models.Model):
    """Credits that came into a student's account together: of one kind, lapsing on one day. Spent oldest first."""

    transaction = models.OneToOneField(Transaction, on_delete=models.PROTECT, primary_key=True, related_name="lot")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="lots")
    hundredths = models.BigIntegerField(_("hundredths of a credit"))
    is_practice = models.BooleanField(_("practice credits"))
    earned_on = models.DateField(_("earned on"))
    lapses_on = models.DateField(_("lapses on"), null=True)

    objects = LotQuerySet.as_manager()

    class Meta:
        verbose_name = _("lot of credits")
        verbose_name_plural = _("lots of credits")
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["account", "earned_on"], name="credits_lots_of_account"),
            models.Index(fields=["lapses_on"], condition=Q(lapses_on__isnull=False), name="credits_lots_that_lapse"),
        ]
        constraints = [models.CheckConstraint(condition=Q(hundredths__gt=0), name="credits_lot_amount_positive")]

    def __str__(self) -> str:
        return f"{self.account}: {self.amount}"

    @property
    def amount(self) -> Decimal:
        """In credits."""
        return credits_of(self.hundredths)


class Entry(models.Model):
    """`amount` of a lot moved from `source` to `destination`."""

    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="entries")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="entries")
    source = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="given", db_index=False)
    destination = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="received", db_index=False)
    hundredths = models.BigIntegerField(_("hundredths of a credit"))

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["source", "id"], name="credits_entries_given"),
            models.Index(fields=["destination", "id"], name="credits_entries_received"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(hundredths__gt=0), name="credits_entry_amount_positive"),
            models.CheckConstraint(condition=~Q(source=F("destination")), name="credits_entry_between_two_accounts"),
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.destination}: {self.amount}"

    @property
    def amount(self) -> Decimal:
        """In credits."""
        return credits_of(self.hundredths)
