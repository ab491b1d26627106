"""The short addresses of the public verifier, which are printed on certificates."""

from django.urls import path

from ronghe.apps.credentials.views import public

app_name = "verify"
urlpatterns = [
    path("", public.page, name="page"),
    path("trusted-keys.json", public.trusted_keys, name="trusted_keys"),
    path("receipt", public.receipt, name="receipt"),
    path("<str:code>", public.code, name="code"),
]
