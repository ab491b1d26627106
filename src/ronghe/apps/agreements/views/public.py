"""The public page: whether a paper is genuine, by its code or the file. It tells nothing of what the paper says."""

import hashlib

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.views.decorators.http import require_http_methods

from ronghe.apps.agreements import selectors
from ronghe.apps.agreements.forms import VerifyForm

_PER_MINUTE = 30


def _is_too_often(request: HttpRequest) -> bool:
    """Whether this address asked more than so often in the minute that runs."""
    address = salted_hmac("ronghe.agreements.verify", get_adapter().get_client_ip(request)).hexdigest()[:24]
    key = f"agreements.verify:{address}:{timezone.now():%Y%m%d%H%M}"
    cache.add(key, 0, timeout=90)
    try:
        return cache.incr(key) > _PER_MINUTE
    except ValueError:
        return False


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Anyone, without signing in: a code, a scanned QR code, or the PDF. The file is hashed and not kept."""
    given = request.POST if request.method == "POST" else request.GET if "code" in request.GET else None
    form = VerifyForm(given, request.FILES or None)
    context: dict[str, object] = {"form": form}
    if given is None:
        return render(request, "agreements/verify.html", context)
    if _is_too_often(request):
        return render(request, "429.html", status=429)
    status = 422
    if form.is_valid():
        file = form.cleaned_data.get("file")
        if file is not None:
            sha256 = hashlib.sha256()
            for chunk in file.chunks():
                sha256.update(chunk)
            context |= {"sha256": sha256.hexdigest(), "found": selectors.verify_file(sha256.hexdigest())}
        else:
            context["found"] = selectors.verify_code(form.cleaned_data["code"])
        context["asked"] = True
        status = 200 if context["found"] else 404
    return render(request, "agreements/verify.html", context, status=status)
