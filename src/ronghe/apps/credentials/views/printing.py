"""The forms in which a holder carries a certificate: the printed page as PDF, and the badge as a picture."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ronghe import papers
from ronghe.apps.accounts.pages import person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.credentials import paper
from ronghe.apps.credentials.services import BundleUnavailable
from ronghe.apps.credentials.services.bundles import make_bundle
from ronghe.apps.credentials.views.certificates import certificate_or_404
from ronghe.apps.credentials.views.frame import found_or_404


@never_cache
@require_safe
@login_required
def certificate_paper(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The printed certificate, for its holder and the office. It shows no events; the holder's file can."""
    certificate = certificate_or_404(request, uid)
    demand(person(request), "credentials.download_bundle", certificate)
    if certificate.version is None or certificate.holder is None:
        found_or_404(None)
    try:
        printed = paper.print_certificate(certificate, make_bundle(certificate), printed_at=timezone.now())
    except BundleUnavailable as refused:
        return _refused(request, str(refused))
    except papers.NoChineseFont:
        return _refused(request, _("This server has no Chinese font. Ask whoever runs it to install fonts-noto-cjk."))
    answer = HttpResponse(printed, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{certificate.code}.pdf"'
    return answer


@never_cache
@require_safe
@login_required
def badge_picture(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The badge with the credential baked in, as badge platforms take it."""
    certificate = certificate_or_404(request, uid)
    demand(person(request), "credentials.download_bundle", certificate)
    if certificate.document is None:
        found_or_404(None)
    answer = HttpResponse(paper.baked_badge(certificate), content_type="image/svg+xml")
    answer["Content-Disposition"] = f'attachment; filename="{certificate.code}.svg"'
    return answer


def _refused(request: HttpRequest, reason: str) -> HttpResponse:
    return render(request, "409.html", {"explanation": reason}, status=409)
