"""The address book: one line a station, in the order of the loop."""

from django.contrib import admin
from django.urls import include, path

from ronghe.apps.credentials import vc_api
from ronghe.apps.credentials.views.issuers import did_of_site
from ronghe.web.api import api
from ronghe.web.views import health, home, style

urlpatterns = [
    path("", home.index, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("style/", style.index, name="style"),
    path(".well-known/did.json", did_of_site, name="did_of_site"),
    path("presentations/verify", vc_api.verify_presentation, name="vc_verify_presentation"),
    path("credentials/", include("ronghe.apps.credentials.urls")),
    path("verify/", include("ronghe.apps.credentials.public_urls")),
    path("credits/", include("ronghe.apps.credits.urls")),
    path("rotations/", include("ronghe.apps.rotations.urls")),
    path("training/", include("ronghe.apps.training.urls")),
    path("positions/", include("ronghe.apps.positions.urls")),
    path("curriculum/", include("ronghe.apps.curriculum.urls")),
    path("mentors/", include("ronghe.apps.mentors.urls")),
    path("sites/", include("ronghe.apps.sites.urls")),
    path("pool/", include("ronghe.apps.pool.urls")),
    path("demand/", include("ronghe.apps.demand.urls")),
    path("policies/", include("ronghe.apps.policies.urls")),
    path("agreements/", include("ronghe.apps.agreements.urls")),
    path("community/", include("ronghe.apps.community.urls")),
    path("metrics/", include("ronghe.apps.metrics.urls")),
    path("jobs/", include("ronghe.apps.jobs.urls")),
    path("ledger/", include("ronghe.apps.ledger.urls")),
    path("me/", include("ronghe.apps.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/", api.urls),
    path("technical/", admin.site.urls),
]

handler400 = "ronghe.web.views.errors.bad_request"
handler403 = "ronghe.web.views.errors.forbidden"
handler404 = "ronghe.web.views.errors.not_found"
handler500 = "ronghe.web.views.errors.server_error"
