"""The addresses of `demand`."""

from django.urls import path

from ronghe.apps.demand.views import answers, forecasts, overview, panels, postings, requirements, rounds, skills, trial

app_name = "demand"
urlpatterns = [
    path("", overview.overview_page, name="overview"),
    path("export.<str:kind>", overview.overview_export, name="overview_export"),
    path("lexicon/load/", overview.lexicon_load, name="lexicon_load"),
    path("skills/suggestions/", skills.skill_suggestions, name="skill_suggestions"),
    path("skills/<str:code>/", skills.skill_page, name="skill"),
    path("skills/<str:code>/forecast/", forecasts.skill_forecast, name="skill_forecast"),
    path("postings/", postings.posting_list, name="posting_list"),
    path("postings/import/", postings.posting_import, name="posting_import"),
    path("postings/export.<str:kind>", postings.posting_export, name="posting_export"),
    path("postings/process/", postings.posting_process, name="posting_process"),
    path("postings/<int:key>/", postings.posting_page, name="posting"),
    path("postings/<int:key>/decide/", postings.posting_decide, name="posting_decide"),
    path("requirements/", requirements.requirement_list, name="requirement_list"),
    path("requirements/new/", requirements.requirement_new, name="requirement_new"),
    path("requirements/export.<str:kind>", requirements.requirement_export, name="requirement_export"),
    path("requirements/<uuid:uid>/", requirements.requirement_page, name="requirement"),
    path("requirements/<uuid:uid>/amend/", requirements.requirement_amend, name="requirement_amend"),
    path("requirements/<uuid:uid>/withdraw/", requirements.requirement_withdraw, name="requirement_withdraw"),
    path("requirements/<uuid:uid>/answer/", requirements.requirement_answer, name="requirement_answer"),
    path("answer/", answers.answer_page, name="answer"),
    path("panels/", panels.panel_list, name="panel_list"),
    path("panels/new/", panels.panel_new, name="panel_new"),
    path("panels/<uuid:uid>/", panels.panel_page, name="panel"),
    path("panels/<uuid:uid>/amend/", panels.panel_amend, name="panel_amend"),
    path("panels/<uuid:uid>/rounds/", panels.panel_round_open, name="panel_round_open"),
    path("panels/<uuid:uid>/rounds/<int:number>/close/", panels.panel_round_close, name="panel_round_close"),
    path("panels/<uuid:uid>/tokens/", panels.panel_tokens_renew, name="panel_tokens_renew"),
    path("panels/<uuid:uid>/end/", panels.panel_end, name="panel_end"),
    path("panels/<uuid:uid>/export.<str:kind>", panels.panel_export, name="panel_export"),
    path("rounds/", rounds.round_list, name="round_list"),
    path("rounds/new/", rounds.round_new, name="round_new"),
    path("rounds/<uuid:uid>/", rounds.round_page, name="round"),
    path("rounds/<uuid:uid>/amend/", rounds.round_amend, name="round_amend"),
    path("rounds/<uuid:uid>/freeze/", rounds.round_freeze, name="round_freeze"),
    path("rounds/<uuid:uid>/paper.pdf", rounds.round_pdf, name="round_pdf"),
    path("rounds/<uuid:uid>/records/<str:keys>/", rounds.round_records, name="round_records"),
    path("forecasts/", forecasts.forecast_list, name="forecast_list"),
    path("forecasts/make/", forecasts.forecast_make, name="forecast_make"),
    path("forecasts/<uuid:uid>/", forecasts.forecast_page, name="forecast"),
    path("extract/", trial.trial_page, name="extract"),
]
