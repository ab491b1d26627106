"""The addresses of `policies`."""

from django.urls import path

from ronghe.apps.policies.views import digest, exemptions, incentives, obligations, pay, rule_sets

app_name = "policies"
_ONE = "obligations/<str:kind>/<int:key>/"
_RULE = f"{_ONE}<slug:code>/<slug:rule>/"
urlpatterns = [
    path("", obligations.obligations, name="obligations"),
    path(_ONE, obligations.subject, name="subject"),
    path(f"{_ONE}sign/", obligations.sign, name="sign"),
    path(_RULE, obligations.obligation, name="obligation"),
    path(f"{_RULE}ask/", obligations.ask, name="ask"),
    path(f"{_RULE}exempt/", exemptions.ask, name="ask_exemption"),
    path("questions/", obligations.questions, name="questions"),
    path("questions/<uuid:uid>/", obligations.answer, name="answer"),
    path("decisions/", obligations.decisions, name="decisions"),
    path("decisions/<uuid:uid>/", obligations.decision, name="decision"),
    path("rule-sets/", rule_sets.rule_sets, name="rule_sets"),
    path("rule-sets/propose/", rule_sets.propose, name="propose_new"),
    path("rule-sets/load/", rule_sets.load_shipped, name="load_shipped"),
    path("rule-sets/effects/", rule_sets.effects, name="effects"),
    path("rule-sets/set/<slug:code>/", rule_sets.rule_set, name="rule_set"),
    path("rule-sets/set/<slug:code>/propose/", rule_sets.propose, name="propose"),
    path("rule-sets/set/<slug:code>/<int:number>/", rule_sets.version, name="version"),
    path("rule-sets/set/<slug:code>/<int:number>/publish/", rule_sets.publish, name="publish"),
    path("rule-sets/set/<slug:code>/<int:number>/refuse/", rule_sets.refuse, name="refuse"),
    path("rule-sets/set/<slug:code>/<int:number>/source/", rule_sets.source, name="source"),
    path("exemptions/", exemptions.exemptions, name="exemptions"),
    path("exemptions/<uuid:uid>/", exemptions.exemption, name="exemption"),
    path("exemptions/<uuid:uid>/grant/", exemptions.grant, name="grant"),
    path("exemptions/<uuid:uid>/refuse/", exemptions.refuse, name="refuse_exemption"),
    path("exemptions/<uuid:uid>/revoke/", exemptions.revoke, name="revoke"),
    path("incentives/", incentives.incentives, name="incentives"),
    path("incentives/<int:firm>/<slug:code>/<slug:key>/", incentives.draft, name="draft_claim"),
    path("claims/<uuid:uid>/", incentives.claim, name="claim"),
    path("claims/<uuid:uid>/correct/", incentives.redraft, name="redraft"),
    path("claims/<uuid:uid>/step/", incentives.move, name="move_claim"),
    path("claims/<uuid:uid>/evidence/", incentives.evidence_file, name="evidence"),
    path("pay/", pay.pay_tables, name="pay_tables"),
    path("pay/<int:firm>/publish/", pay.publish, name="publish_pay"),
    path("pay/end/<int:key>/", pay.end, name="end_pay"),
    path("payslips/", pay.payslips, name="payslips"),
    path("payslips/declare/", pay.declare, name="declare_payslip"),
    path("payslips/declare-for/", pay.declare_for, name="declare_payslip_for"),
    path("payslips/<uuid:uid>/withdraw/", pay.withdraw, name="withdraw_payslip"),
    path("mail/", digest.digest, name="digest"),
    path("mail/send/", digest.send, name="send_digest"),
]
