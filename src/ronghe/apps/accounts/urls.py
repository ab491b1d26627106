"""The addresses of one's own account."""

from django.urls import path

from ronghe.apps.accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.profile, name="profile"),
    path("consent/", views.consent, name="consent"),
    path("data/", views.data, name="data"),
    path("data/export/", views.export, name="export"),
    path("data/erase/", views.erase, name="erase"),
    path("language/", views.set_language, name="set_language"),
    path("theme/", views.set_theme, name="set_theme"),
]
