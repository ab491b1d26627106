"""What people are asked to agree to here: that certificates are issued to them, and that they may be shown."""

from django.utils.translation import gettext_lazy as _

from ronghe.apps.accounts.purposes import Purpose, register

CERTIFICATES = register(
    Purpose(
        "certificates",
        1,
        _("Certificates"),
        _(
            "The community may issue certificates to you that are signed and written to the ledger. The ledger holds "
            "salted hashes only; when you have your data erased, the hashes remain and tell nothing about you."
        ),
    )
)
SHARING = register(
    Purpose(
        "certificate_sharing",
        1,
        _("Sharing certificates"),
        _(
            "Whoever has a link that you make, or an enterprise that you choose, may see a certificate and the events "
            "you pick until the day you set. You can withdraw each of them at any time."
        ),
    )
)
