"""The addresses of `credits`."""

from django.urls import path

from ronghe.apps.credits.views import accounts, achievements, rules, transfers

app_name = "credits"
urlpatterns = [
    path("", accounts.overview, name="overview"),
    path("accounts/<uuid:uid>/", accounts.account_page, name="account"),
    path("accounts/<uuid:uid>/statement.pdf", accounts.statement_pdf, name="statement_pdf"),
    path("accounts/<uuid:uid>/statement.<str:kind>", accounts.statement_export, name="statement_export"),
    path("accounts/<uuid:uid>/stated/", accounts.state, name="state"),
    path("stated/<uuid:uid>.json", accounts.stated_file, name="stated_file"),
    path("accounts/<uuid:uid>/redeem/", accounts.redeem, name="redeem"),
    path("transactions/<uuid:uid>/reverse/", accounts.reverse, name="reverse"),
    path("transactions/<uuid:uid>/transfer.json", transfers.statement, name="transfer_statement"),
    path("accounts/<uuid:uid>/send/", transfers.send, name="send"),
    path("transfers/", transfers.overview, name="transfers"),
    path("transfers/take-over/", transfers.take_over, name="take_over"),
    path("partners/new/", transfers.partner_new, name="partner_new"),
    path("partners/<int:key>/confirm/", transfers.partner_confirm, name="partner_confirm"),
    path("partners/<int:key>/end/", transfers.partner_end, name="partner_end"),
    path("day/", accounts.close_the_day, name="day"),
    path("claims/new/", achievements.claim, name="claim"),
    path("achievements/<uuid:uid>/", achievements.achievement_page, name="achievement"),
    path("achievements/<uuid:uid>/confirm/", achievements.confirm, name="confirm"),
    path("achievements/<uuid:uid>/refuse/", achievements.refuse, name="refuse"),
    path("achievements/<uuid:uid>/deposit/", achievements.deposit, name="deposit"),
    path("achievements/<uuid:uid>/correction/", achievements.correction_new, name="correction_new"),
    path("corrections/<uuid:uid>/correct/", achievements.correct, name="correct"),
    path("corrections/<uuid:uid>/refuse/", achievements.correction_refuse, name="correction_refuse"),
    path("rules/", rules.rule_list, name="rules"),
    path("rules/new/", rules.rule_new, name="rule_new"),
    path("rules/<int:key>/publish/", rules.rule_publish, name="rule_publish"),
    path("rules/<int:key>/withdraw/", rules.rule_withdraw, name="rule_withdraw"),
    path("rules/<int:key>/end/", rules.rule_end, name="rule_end"),
    path("programmes/<uuid:uid>/", rules.programme_page, name="programme"),
    path("programmes/<uuid:uid>/target/", rules.target, name="target"),
]
