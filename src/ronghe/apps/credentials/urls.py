"""The addresses of `credentials`, and those that the standards fix at the root of the site."""

from django.urls import path

from ronghe.apps.credentials import vc_api
from ronghe.apps.credentials.views import achievements, certificates, holders, inbox, issuers, printing

app_name = "credentials"
urlpatterns = [
    path("", certificates.overview, name="overview"),
    path("achievements/", achievements.achievement_list, name="achievement_list"),
    path("achievements/new/", achievements.achievement_new, name="achievement_new"),
    path("achievements/<uuid:uid>/", achievements.achievement_page, name="achievement"),
    path("achievements/<uuid:uid>/edit/", achievements.achievement_edit, name="achievement_edit"),
    path("achievements/<uuid:uid>/retire/", achievements.achievement_retire, name="achievement_retire"),
    path("achievements/<uuid:uid>/mappings/new/", inbox.mapping_new, name="mapping_new"),
    path("mappings/<int:key>/end/", inbox.mapping_end, name="mapping_end"),
    path("issuers/", issuers.issuer_list, name="issuer_list"),
    path("issuers/new/", issuers.issuer_new, name="issuer_new"),
    path("issuers/<uuid:uid>/", issuers.issuer_page, name="issuer"),
    path("issuers/<uuid:uid>/did.json", issuers.did, name="did"),
    path("issuers/<uuid:uid>/rotate/", issuers.key_rotate, name="key_rotate"),
    path("issuers/<uuid:uid>/keys/<int:key>/revoke/", issuers.key_revoke, name="key_revoke"),
    path("status/<uuid:uid>/<str:purpose>", issuers.status_list, name="status_list"),
    path("certificates/new/", certificates.issue, name="issue"),
    path("certificates/<uuid:uid>/", certificates.certificate_page, name="certificate"),
    path("certificates/<uuid:uid>/status/<str:kind>/", certificates.change_status, name="change_status"),
    path("certificates/<uuid:uid>/correct/", certificates.correct, name="correct"),
    path("certificates/<uuid:uid>/renew/", certificates.renew, name="renew"),
    path("certificates/<uuid:uid>/bundle/", certificates.bundle, name="bundle"),
    path("certificates/<uuid:uid>/credential.json", certificates.credential_file, name="credential_file"),
    path("certificates/<uuid:uid>/elm.json", certificates.learning_model, name="learning_model"),
    path("certificates/<uuid:uid>/share/", holders.share, name="share"),
    path("shares/<uuid:uid>/withdraw/", holders.share_withdraw, name="share_withdraw"),
    path("shared/<str:token>/", holders.shared, name="shared"),
    path("calendar/", holders.calendar_link, name="calendar_link"),
    path("calendar/<str:token>.ics", holders.calendar_feed, name="calendar"),
    path("report/", inbox.report_new, name="report_new"),
    path("reports/", inbox.report_list, name="report_list"),
    path("reports/<uuid:uid>/", inbox.report_page, name="report"),
    path("programs/", inbox.program_list, name="program_list"),
    path("programs/new/", inbox.program_new, name="program_new"),
    path("programs/<uuid:uid>/revoke/", inbox.program_revoke, name="program_revoke"),
    path("recognition/", inbox.recognition, name="recognition"),
    path("recognition/new/", inbox.recognition_new, name="recognition_new"),
    path("recognition/<int:key>/confirm/", inbox.recognition_confirm, name="recognition_confirm"),
    path("recognition/<int:key>/end/", inbox.recognition_end, name="recognition_end"),
    path("recognition/<int:key>/paper", inbox.recognition_paper, name="recognition_paper"),
    path("certificates/<uuid:uid>/certificate.pdf", printing.certificate_paper, name="certificate_paper"),
    path("certificates/<uuid:uid>/badge.svg", printing.badge_picture, name="badge_picture"),
    # The VC-API's own paths, without a slash at the end.
    path("issue", vc_api.issue, name="vc_issue"),
    path("verify", vc_api.verify, name="vc_verify"),
    path("status", vc_api.status, name="vc_status"),
    path("implementation.json", vc_api.implementation, name="vc_implementation"),
]
