"""The addresses of background work."""

from django.urls import path

from ronghe.apps.jobs import views

app_name = "jobs"
urlpatterns = [
    path("", views.job_list, name="list"),
    path("<uuid:uid>/", views.job_status, name="status"),
    path("<uuid:uid>/cancel/", views.job_cancel, name="cancel"),
]
