"""The worker level on a certificate is what a firm's promise is compared with, for as long as the certificate holds."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.credentials import services
from ronghe.apps.credentials.models import Certificate, StatusReason
from ronghe.apps.policies import services as policies
from ronghe.apps.policies.levels import held_by
from ronghe.apps.policies.models import PayLink
from ronghe.apps.policies.selectors.pay import checks
from ronghe.methods.rules import Verdict

pytestmark = pytest.mark.django_db


def test_a_payslip_is_compared_with_the_promise_for_the_level_on_the_certificate(
    certificate: Certificate, holder: Person, firm_a: Organisation
) -> None:
    PayLink.objects.create(
        organisation=firm_a, level=4, post_zh="封装工艺", kind="relative", uplift=40, valid_from=date(2020, 1, 1)
    )
    day = timezone.localdate(certificate.valid_from)
    payslip = policies.declare_payslip(
        actor=holder, organisation=firm_a, month=day, post_zh="封装工艺", base_pay=Decimal(8_500), paid=Decimal(11_000)
    )
    payslip.month = day
    (broken,) = checks([payslip])
    assert (broken.verdict, broken.promised) == (Verdict.RED, Decimal("11900.00"))


def test_a_level_is_held_no_longer_once_its_certificate_is_revoked(
    certificate: Certificate, holder: Person, stranger: Person, office: Person
) -> None:
    (held,) = held_by([holder.pk, stranger.pk])[holder.pk]
    assert (held.ordinal, held.evidence) == (4, certificate.code)
    assert held_by([stranger.pk]) == {stranger.pk: []}
    services.revoke(actor=office, certificate=certificate, reason=StatusReason.MISTAKE, note="wrong student")
    assert held_by([holder.pk]) == {holder.pk: []}
