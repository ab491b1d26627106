"""The last result of each computation that takes too long for a page, with the state of the data it was made from."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Computation(models.Model):
    """One computation by its key: its last result as bytes, and the task that makes the next one.

    `mark` names the state of the data that `content` was computed from, `asked_mark` the one that `job` was asked for.
    """

    key = models.CharField(max_length=80, unique=True)
    mark = models.CharField(max_length=80, blank=True)
    content = models.BinaryField(null=True)
    computed_at = models.DateTimeField(null=True)
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    asked_mark = models.CharField(max_length=80, blank=True)

    class Meta:
        verbose_name = _("computation")
        verbose_name_plural = _("computations")
        constraints = [
            models.CheckConstraint(
                condition=Q(content__isnull=True, computed_at__isnull=True, mark="")
                | (Q(content__isnull=False, computed_at__isnull=False) & ~Q(mark="")),
                name="demand_computation_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.key
