"""Reports that a certificate and what someone sees do not fit together: anyone may send one, the office answers."""

from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.credentials import events
from ronghe.apps.credentials.codes import read_code
from ronghe.apps.credentials.models import Certificate, MismatchReport, ReportState
from ronghe.apps.ledger import services as ledger


@transaction.atomic
def report_mismatch(*, code: str = "", text: str, contact: str = "") -> MismatchReport:
    """Take a report from anyone. The caller limits how many come from one address. Raises ValidationError."""
    if not text.strip():
        raise ValidationError({"text": _("Say what does not fit.")})
    certificate = Certificate.objects.filter(code=read_code(code)).first() if code.strip() else None
    report = MismatchReport(certificate=certificate, code=code.strip()[:40], text=text.strip(), contact=contact.strip())
    report.full_clean()
    report.save()
    ledger.record(
        actor=None,
        type=events.MISMATCH_REPORTED,
        subject=report,
        payload={"certificate": certificate, "text": report.text},
    )
    return report


@transaction.atomic
def answer_report(*, actor: Person, report: MismatchReport, state: str, answer: str) -> MismatchReport:
    """Answer a report; who left an address is written to. What is to be done with the certificate is done there."""
    demand(actor, "credentials.answer_report", report)
    report = MismatchReport.objects.select_for_update().get(pk=report.pk)
    if report.state != ReportState.OPEN:
        raise ValidationError(_("A colleague has answered this report meanwhile."))
    if state not in (ReportState.CONFIRMED, ReportState.UNFOUNDED):
        raise ValidationError({"state": _("Say whether the report is right.")})
    if not answer.strip():
        raise ValidationError({"answer": _("Write an answer.")})
    report.state, report.answer, report.answered_by = state, answer.strip(), actor
    report.answered_at = timezone.now()
    report.save()
    ledger.record(
        actor=actor,
        type=events.MISMATCH_ANSWERED,
        subject=report,
        payload={"state": str(report.state), "answer": report.answer},
    )
    if report.contact:
        transaction.on_commit(lambda: _write_to(report))
    return report


def _write_to(report: MismatchReport) -> None:
    send_mail(
        _("Your report on certificate %(code)s") % {"code": report.code or "—"},
        f"{report.get_state_display()}\n\n{report.answer}\n",
        None,
        [report.contact],
        fail_silently=True,
    )
