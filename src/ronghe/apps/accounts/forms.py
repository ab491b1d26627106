"""Forms of one's own account."""

from typing import Any

from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ronghe.apps.accounts.models import Person


class SignupForm(AllauthSignupForm):
    """Asks for the name as well: certificates and agreements carry it."""

    name = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=80)
    field_order = ["name", "email", "password1", "password2"]


class ProfileForm(forms.ModelForm[Person]):
    """Name, language and appearance."""

    language = forms.ChoiceField(label=_("Language"), choices=[("zh-hans", "简体中文"), ("en", "English")])
    theme = forms.ChoiceField(
        label=_("Appearance"),
        choices=[("auto", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))],
    )

    class Meta:
        model = Person
        fields = ["name", "name_latin", "language", "theme"]


class EraseForm(forms.Form):
    """Asks for one's own address, so that nobody erases an account by one wrong click."""

    email = forms.EmailField(label=_("Your e-mail address"), help_text=_("Type it to confirm the erasure."))

    def __init__(self, person: Person, *args: Any, **kwargs: Any) -> None:
        self.person = person
        super().__init__(*args, **kwargs)

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if email.lower() != self.person.email:
            raise forms.ValidationError(_("This is not the address of your account."))
        return email
