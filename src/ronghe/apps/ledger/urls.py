"""The addresses of `ledger`."""

from django.urls import path

from ronghe.apps.ledger import views

app_name = "ledger"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("events/<int:event_id>/", views.event, name="event"),
]
