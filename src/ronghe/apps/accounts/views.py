"""Pages of one's own account: profile, consent, data. Passwords, passkeys and second factors are allauth's pages."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.i18n import set_language as django_set_language

from ronghe.apps.accounts import purposes, services
from ronghe.apps.accounts.forms import EraseForm, ProfileForm
from ronghe.apps.accounts.models import Person, PersonalDataView


def _me(request: HttpRequest) -> Person:
    if not isinstance(request.user, Person):
        raise Http404
    return request.user


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Who one is here, and the way to everything about one's own account."""
    me = _me(request)
    form = ProfileForm(request.POST or None, instance=Person.objects.get(pk=me.pk))
    if request.method == "POST" and form.is_valid():
        services.change_profile(actor=me, person=me, changes={name: form.cleaned_data[name] for name in form.fields})
        translation.activate(me.language)
        messages.success(request, _("Saved."))
        return redirect("accounts:profile")
    return render(request, "accounts/profile.html", {"form": form})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: HttpRequest) -> HttpResponse:
    """Each purpose, what it means, and whether one agrees."""
    me = _me(request)
    if request.method == "POST":
        try:
            purpose = purposes.find(request.POST.get("purpose", ""))
        except KeyError:
            raise Http404(_("There is no such purpose.")) from None
        if request.POST.get("agree") == "yes":
            services.give_consent(actor=me, person=me, purpose=purpose.name)
            messages.success(request, _("You agreed. You can withdraw at any time."))
        else:
            services.withdraw_consent(actor=me, person=me, purpose=purpose.name)
            messages.success(request, _("Your consent is withdrawn."))
        return redirect("accounts:consent")
    standing = {row.purpose: row for row in me.consents.filter(withdrawn_at__isnull=True)}
    rows = [
        {"purpose": purpose, "given": given if given is not None and given.version == purpose.version else None}
        for purpose in purposes.registered()
        for given in [standing.get(purpose.name)]
    ]
    return render(request, "accounts/consent.html", {"rows": rows})


@login_required
@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """What one can do with one's own data, and who looked at it."""
    me = _me(request)
    looks = PersonalDataView.objects.filter(person=me).select_related("viewer")
    page = Paginator(looks, 20).get_page(request.GET.get("page"))
    return render(request, "accounts/data.html", {"page": page})


@reauthentication_required
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """One's own data as a JSON file."""
    me = _me(request)
    response = JsonResponse(
        services.export_own_data(actor=me, person=me),
        encoder=DjangoJSONEncoder,
        json_dumps_params={"ensure_ascii": False, "indent": 1},
    )
    response["Content-Disposition"] = f'attachment; filename="ronghe-{timezone.localdate():%Y-%m-%d}.json"'
    return response


@login_required
@reauthentication_required
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest) -> HttpResponse:
    """Erase one's own account, after typing the address once more."""
    me = _me(request)
    form = EraseForm(me, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.erase_own_data(actor=me, person=me)
        except services.ErasureRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            logout(request)
            return render(request, "accounts/erased.html")
    return render(request, "accounts/erase.html", {"form": form})


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Switch the language: for the visit by cookie, and for good where someone is signed in."""
    language = request.POST.get("language", "")
    if isinstance(request.user, Person) and language in {"zh-hans", "en"}:
        services.change_profile(actor=request.user, person=request.user, changes={"language": language})
    return django_set_language(request)


@login_required
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Keep the chosen appearance with the person."""
    me = _me(request)
    theme = request.POST.get("theme", "")
    if theme not in {"auto", "light", "dark"}:
        raise Http404(_("There is no such appearance."))
    services.change_profile(actor=me, person=me, changes={"theme": theme})
    # Back to where the switch was used, on this site only.
    back = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        return redirect(back)
    return redirect("accounts:profile")
