"""The addresses of `agreements`."""

from django.urls import path

from ronghe.apps.agreements.views import agreements, papers, public, signatories, signing, templates

app_name = "agreements"
urlpatterns = [
    path("", agreements.agreement_list, name="list"),
    path("export.<str:kind>", agreements.agreement_export, name="export"),
    path("new/", agreements.agreement_new, name="new"),
    path("remind/", agreements.remind, name="remind"),
    path("verify/", public.verify, name="verify"),
    path("templates/", templates.template_list, name="templates"),
    path("templates/new/", templates.template_new, name="template_new"),
    path("templates/standard/", templates.template_load, name="template_load"),
    path("templates/<int:pk>/", templates.template_page, name="template"),
    path("templates/<int:pk>/retire/", templates.template_retire, name="template_retire"),
    path("templates/<int:pk>/clauses/new/", templates.clause_new, name="template_clause_new"),
    path("templates/<int:pk>/clauses/<str:key>/", templates.clause_edit, name="template_clause"),
    path("signatories/<uuid:uid>/", signatories.signatory_list, name="signatories"),
    path("signatories/<uuid:uid>/new/", signatories.signatory_new, name="signatory_new"),
    path("signatories/<uuid:uid>/<int:pk>/end/", signatories.signatory_end, name="signatory_end"),
    path("papers/<uuid:uid>/", papers.paper_page, name="paper"),
    path("papers/<uuid:uid>/days/", papers.paper_days, name="paper_days"),
    path("papers/<uuid:uid>/clauses/new/", papers.clause_new, name="clause_new"),
    path("papers/<uuid:uid>/clauses/<str:key>/", papers.clause_edit, name="clause"),
    path("papers/<uuid:uid>/submit/", papers.paper_submit, name="paper_submit"),
    path("papers/<uuid:uid>/pass/", papers.paper_pass, name="paper_pass"),
    path("papers/<uuid:uid>/return/", papers.paper_return, name="paper_return"),
    path("papers/<uuid:uid>/send/", papers.paper_send, name="paper_send"),
    path("papers/<uuid:uid>/recall/", papers.paper_recall, name="paper_recall"),
    path("papers/<uuid:uid>/withdraw/", papers.paper_withdraw, name="paper_withdraw"),
    path("papers/<uuid:uid>/pdf/", papers.paper_pdf, name="paper_pdf"),
    path("papers/<uuid:uid>/scan/", signing.scan_new, name="scan_new"),
    path("scans/<uuid:uid>/", signing.scan_file, name="scan"),
    path("scans/<uuid:uid>/confirm/", signing.scan_confirm, name="scan_confirm"),
    path("scans/<uuid:uid>/refuse/", signing.scan_refuse, name="scan_refuse"),
    path("signatures/<uuid:uid>/sign/", signing.sign, name="sign"),
    path("signatures/<uuid:uid>/decline/", signing.decline, name="decline"),
    path("signatures/<uuid:uid>/hand-over/", signing.hand_over, name="hand_over"),
    path("<uuid:uid>/", agreements.agreement_page, name="agreement"),
    path("<uuid:uid>/amend/", agreements.agreement_amend, name="amend"),
    path("<uuid:uid>/renew/", agreements.agreement_renew, name="renew"),
    path("<uuid:uid>/end/", agreements.agreement_end, name="end"),
]
