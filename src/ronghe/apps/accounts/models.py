"""People and what they agreed to. Roles in organisations are `community`'s: nothing here says what one may do."""

import uuid
from typing import Any, ClassVar

from django.apps import apps
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ronghe.apps.accounts import names


class PersonManager(BaseUserManager["Person"]):
    """Makes people; Django's `createsuperuser` and allauth's adapters call it."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Person":
        if not email:
            raise ValueError("a person needs an e-mail address to sign in")
        person = self.model(email=self.normalize_email(email).lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "Person":
        return self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})


class Person(AbstractBaseUser, PermissionsMixin):
    """Someone who signs in. `uid` stands for the person in the ledger and in exports; `id` stays in the database."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"), max_length=254, unique=True)
    name = models.CharField(pgettext_lazy("of a person", "name"), max_length=80)
    name_latin = models.CharField(
        _("name in Latin letters"),
        max_length=120,
        blank=True,
        help_text=_("Pinyin is filled in by itself, so that search finds 张伟 by zhangwei."),
    )
    search_text = models.CharField(max_length=300, blank=True, editable=False)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    theme = models.CharField(_("appearance"), max_length=5, default="auto")
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_staff = models.BooleanField(_("may use the technical administration"), default=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="accounts_person_email_lower_case"),
            models.CheckConstraint(
                condition=models.Q(language__in=["zh-hans", "en"]), name="accounts_person_language_known"
            ),
            models.CheckConstraint(
                condition=models.Q(theme__in=["auto", "light", "dark"]), name="accounts_person_theme_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def keep_search_in_step(self) -> None:
        """Set the searchable text by the name; Latin letters that a person typed are left alone."""
        if self.name and not self.name_latin:
            self.name_latin = names.latin(self.name)
        self.search_text = names.search_text(self.name, self.name_latin)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save with the searchable text in step; `bulk_create` does not come by here."""
        self.keep_search_in_step()
        if (fields := kwargs.get("update_fields")) is not None and {"name", "name_latin"} & set(fields):
            kwargs["update_fields"] = {*fields, "name_latin", "search_text"}
        super().save(*args, **kwargs)


class Consent(models.Model):
    """A person's consent to one version of a purpose, from when to when; withdrawn is not deleted."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(_("purpose"), max_length=40)
    version = models.PositiveIntegerField(_("version"))
    given_at = models.DateTimeField(_("given"), default=timezone.now)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["-given_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "purpose"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="accounts_consent_one_standing",
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at__isnull=True) | models.Q(withdrawn_at__gte=models.F("given_at")),
                name="accounts_consent_withdrawn_after_given",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.purpose}"


class PersonalDataView(models.Model):
    """Who looked at whose personal data, where and when. The person looked at may read it."""

    viewer = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="looked_at")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="looked_at_by")
    page = models.CharField(_("page"), max_length=80)
    viewed_at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("look at personal data")
        verbose_name_plural = _("looks at personal data")
        ordering = ["-viewed_at"]
        indexes = [models.Index(fields=["person", "-viewed_at"])]

    def __str__(self) -> str:
        return f"{self.viewer} → {self.person}"

    @property
    def station(self) -> str:
        """Where the look was taken, as the menu calls it; what no station knows stays as it was written down."""
        try:
            return str(apps.get_app_config(self.page.partition(":")[0]).verbose_name)
        except LookupError:
            return self.page
