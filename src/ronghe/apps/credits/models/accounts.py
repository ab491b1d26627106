"""Accounts of the credit bank and the balances at which they were closed for speed; no account stores its balance."""

import uuid
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community import standing
from ronghe.apps.community.models import RoleKind

# Amounts in the book are whole hundredths of a credit: sums are exact on every database.
HUNDREDTHS = 100


def credits_of(hundredths: int) -> Decimal:
    """The credits that the book writes as `hundredths`."""
    return Decimal(hundredths) / HUNDREDTHS


def hundredths_of(credits: Decimal) -> int:
    """How the book writes `credits`. Raises ValueError for parts of a hundredth."""
    whole = credits * HUNDREDTHS
    if whole != whole.to_integral_value():
        raise ValueError(f"{credits} credits are no whole hundredths of a credit")
    return int(whole)


class AccountKind(models.TextChoices):
    """Whose account it is; together they are all there is, so the sum of all balances is 0."""

    STUDENT = "student", _("Student")
    PROGRAMME = "programme", _("Programme")
    ENTERPRISE = "enterprise", _("Enterprise")
    ISSUER = "issuer", _("Issuer")
    OUTSIDE = "outside", _("Another institution")
    LAPSED = "lapsed", _("Lapsed credits")


class AccountQuerySet(models.QuerySet["Account"]):
    """Reads of accounts."""

    def visible_to(self, user: Any) -> Self:
        """One's own; the office all; teachers their students' and their university's; enterprises theirs.

        A reviewer sees every account but those of students.
        """
        if not standing.is_signed_in(user):
            return self.none()
        if standing.holds(user, RoleKind.OFFICE):
            return self
        taught = standing.organisations(user, RoleKind.TEACHER)
        own = standing.organisations(user, {RoleKind.ENTERPRISE_HR, RoleKind.MENTOR}) | taught
        open_ = Q(kind=AccountKind.STUDENT, person=user) | Q(organisation__in=own)
        if taught:
            # A subquery, because a student in two cohorts would otherwise be listed twice.
            from ronghe.apps.community.models import CohortMembership

            pupils = CohortMembership.objects.known().filter(cohort__organisation__in=taught).values("person")
            open_ |= Q(kind=AccountKind.STUDENT, person__in=pupils) | Q(programme__organisation__in=taught)
        if standing.holds(user, RoleKind.REVIEWER):
            open_ |= ~Q(kind=AccountKind.STUDENT)
        return self.filter(open_)


class Account(models.Model):
    """One side of every entry: a student, a programme, an enterprise, an issuer, another institution, what lapsed."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=AccountKind.choices)
    # Empty once the student has been erased: the entries stay, and no longer say whose they were.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="credit_accounts"
    )
    programme = models.OneToOneField(
        "curriculum.Programme", null=True, blank=True, on_delete=models.PROTECT, related_name="credit_account"
    )
    organisation = models.ForeignKey(
        "community.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="credit_accounts"
    )
    # The log by which another institution signs its statements (the origin of its checkpoints).
    institution = models.CharField(_("institution"), max_length=200, blank=True)
    opened_at = models.DateTimeField(_("opened at"), auto_now_add=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=AccountKind.values), name="credits_account_kind_known"),
            models.CheckConstraint(
                condition=(
                    Q(kind="student", programme=None, organisation=None, institution="")
                    | Q(kind="programme", person=None, programme__isnull=False, organisation=None, institution="")
                    | Q(
                        kind__in=["enterprise", "issuer"],
                        person=None,
                        programme=None,
                        organisation__isnull=False,
                        institution="",
                    )
                    | (Q(kind="outside", person=None, programme=None, organisation=None) & ~Q(institution=""))
                    | Q(kind="lapsed", person=None, programme=None, organisation=None, institution="")
                ),
                name="credits_account_has_the_owner_of_its_kind",
            ),
            models.UniqueConstraint(fields=["person"], name="credits_account_once_a_student"),
            models.UniqueConstraint(fields=["organisation", "kind"], name="credits_account_once_an_organisation"),
            models.UniqueConstraint(
                fields=["institution"], condition=Q(kind="outside"), name="credits_account_once_an_institution"
            ),
            models.UniqueConstraint(
                fields=["kind"], condition=Q(kind="lapsed"), name="credits_account_of_lapsed_credits_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.person or self.programme or self.organisation or self.institution or self.get_kind_display())

    def get_absolute_url(self) -> str:
        return reverse("credits:account", args=[self.uid])


class Closing(models.Model):
    """The balance of an account up to and with an entry: a sum kept so that long accounts open quickly.

    It is derived and may be deleted and made anew at any time; the book alone counts.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="closings")
    through = models.ForeignKey("credits.Entry", on_delete=models.CASCADE, related_name="+", db_index=False)
    balance = models.BigIntegerField(_("balance in hundredths of a credit"))

    class Meta:
        verbose_name = _("closing")
        verbose_name_plural = _("closings")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["account", "through"], name="credits_closing_once_an_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.balance}"
