"""The addresses of `pool`."""

from django.urls import path

from ronghe.apps.pool.views import assets, income, shares, use

app_name = "pool"
urlpatterns = [
    path("", assets.overview, name="overview"),
    path("assets.<str:kind>", assets.export, name="export"),
    path("projects/", assets.project_list, name="projects"),
    path("projects/new/", assets.project_new, name="project_new"),
    path("projects/<uuid:uid>/", assets.project_page, name="project"),
    path("projects/<uuid:uid>/close/", assets.project_close, name="project_close"),
    path("projects/<uuid:uid>/assets/new/", assets.asset_new, name="asset_new"),
    path("assets/<uuid:uid>/", assets.asset_page, name="asset"),
    path("assets/<uuid:uid>/change/", assets.asset_change, name="asset_change"),
    path("assets/<uuid:uid>/lapse/", assets.asset_lapse, name="asset_lapse"),
    path("assets/<uuid:uid>/shares/new/", shares.propose, name="propose"),
    path("shares/<uuid:uid>/", shares.version_page, name="shares"),
    path("shares/<uuid:uid>/withdraw/", shares.withdraw, name="shares_withdraw"),
    path("parts/<uuid:uid>/agree/", shares.agree, name="agree"),
    path("parts/<uuid:uid>/decline/", shares.decline, name="decline"),
    path("assets/<uuid:uid>/licences/new/", use.licence_new, name="licence_new"),
    path("licences/<uuid:uid>/", use.licence_page, name="licence"),
    path("licences/<uuid:uid>/grant/", use.licence_grant, name="licence_grant"),
    path("licences/<uuid:uid>/refuse/", use.licence_refuse, name="licence_refuse"),
    path("licences/<uuid:uid>/withdraw/", use.licence_withdraw, name="licence_withdraw"),
    path("licences/<uuid:uid>/end/", use.licence_end, name="licence_end"),
    path("assets/<uuid:uid>/conversions/new/", use.conversion_new, name="conversion_new"),
    path("conversions/<uuid:uid>/", use.conversion_page, name="conversion"),
    path("conversions/<uuid:uid>/confirm/", use.conversion_confirm, name="conversion_confirm"),
    path("conversions/<uuid:uid>/refuse/", use.conversion_refuse, name="conversion_refuse"),
    path("conversions/<uuid:uid>/withdraw/", use.conversion_withdraw, name="conversion_withdraw"),
    path("assets/<uuid:uid>/income/new/", income.income_new, name="income_new"),
    path("assets/<uuid:uid>/income.<str:kind>", income.income_export, name="income_export"),
    path("income/<uuid:uid>/", income.income_page, name="income"),
    path("income/<uuid:uid>/distribute/", income.income_distribute, name="income_distribute"),
    path("income/<uuid:uid>/reverse/", income.income_reverse, name="income_reverse"),
]
