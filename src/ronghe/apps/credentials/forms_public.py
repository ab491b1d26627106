"""What anyone hands to the public verifier: a code, or a file."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MOST_BYTES = 4 * 1024 * 1024


class CheckForm(forms.Form):
    """A code, the address behind a QR code, or a file; one of them is enough."""

    code = forms.CharField(
        label=_("Code on the certificate"),
        max_length=300,
        required=False,
        help_text=_(
            "Four groups of four signs, as printed under the QR code. A link that a holder sent you works too."
        ),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "inputmode": "text"}
        ),
    )
    file = forms.FileField(
        label=_("File of the certificate"),
        required=False,
        help_text=_("The .ronghe.json or .ronghe file, the PDF, the badge, or any Open Badges 3.0 credential."),
        widget=forms.FileInput(attrs={"accept": ".json,.ronghe,.pdf,.jsonld,application/json,application/pdf,image/*"}),
    )

    def clean_file(self) -> Any:
        """Refuse what is larger than any certificate."""
        file = self.cleaned_data["file"]
        if file is not None and file.size > MOST_BYTES:
            raise ValidationError(_("This file is larger than any certificate."))
        return file

    def clean(self) -> dict[str, Any]:
        """Ask for one of the two."""
        said: dict[str, Any] = super().clean() or {}
        if not self.errors and not said.get("code") and said.get("file") is None:
            self.add_error("code", _("Type the code, or choose the file."))
        return said
