"""What somebody was reminded of: once for each thing and step, so that no run of the timer says it twice."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Reminder(models.Model):
    """That a person was told of something due; `about` names the thing and the step."""

    about = models.CharField(max_length=80)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    sent_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["about", "person"], name="mentors_reminded_once"),
        ]

    def __str__(self) -> str:
        return self.about
