"""What a student agrees to before being matched."""

from django.utils.translation import gettext_lazy as _

from ronghe.apps.accounts.purposes import Purpose, register

MATCHING = register(
    Purpose(
        "matching",
        1,
        _("Matching to positions"),
        _(
            "Your preferences and confirmed skills are used to match you to a position. An enterprise sees your name "
            "when you listed its position, never where else you would go; once a matching is published it sees who "
            "comes to it."
        ),
    )
)
