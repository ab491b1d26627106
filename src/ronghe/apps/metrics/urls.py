"""The addresses of numbers: the registry, one metric, the records behind a number."""

from django.urls import path

from ronghe.apps.metrics import views

app_name = "metrics"
urlpatterns = [
    path("", views.registry_page, name="registry"),
    path("records/", views.records_page, name="records"),
    path("<str:name>/", views.metric_page, name="metric"),
]
