"""How allauth makes and admits people here: the door is open or shut by one setting, names come from the identity."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest

from ronghe.apps.accounts.models import Person


class AccountAdapter(DefaultAccountAdapter):
    """Signs people up only where RONGHE_SIGNUP is on; otherwise the office invites them."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.RONGHE_SIGNUP)

    def save_user(self, request: HttpRequest, user: Person, form: Any, commit: bool = True) -> Person:
        user.name = form.cleaned_data.get("name", "")
        user.language = getattr(request, "LANGUAGE_CODE", None) or user.language
        saved: Person = super().save_user(request, user, form, commit)
        return saved


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Lets an outside identity sign a known person in; it makes a new person only where sign-up is open."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return bool(settings.RONGHE_SIGNUP)

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Person:
        person: Person = super().populate_user(request, sociallogin, data)
        person.name = data.get("name") or " ".join(
            part for part in (data.get("last_name"), data.get("first_name")) if part
        )
        return person
