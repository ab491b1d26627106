"""The addresses of background work and of imports."""

from django.urls import path

from ronghe.apps.jobs import import_views, views

app_name = "jobs"
urlpatterns = [
    path("", views.job_list, name="list"),
    path("<uuid:uid>/", views.job_status, name="status"),
    path("<uuid:uid>/cancel/", views.job_cancel, name="cancel"),
    path("imports/new/<str:name>/", import_views.import_new, name="import_new"),
    path("imports/new/<str:name>/template.<str:kind>", import_views.import_template, name="import_template"),
    path("imports/<uuid:uid>/", import_views.import_report, name="import_report"),
    path("imports/<uuid:uid>/errors.csv", import_views.import_errors, name="import_errors"),
    path("imports/<uuid:uid>/confirm/", import_views.import_confirm, name="import_confirm"),
    path("imports/<uuid:uid>/discard/", import_views.import_discard, name="import_discard"),
]
