"""What the credentials app writes to the ledger: keys, achievements, certificates with digest and path root, status."""

from django.utils.translation import gettext_lazy as _

from ronghe.apps.ledger.event_types import EventType, Field, Kind, register

ISSUER_FOUNDED = register(
    EventType(
        "credentials.issuer.founded",
        _("Issuer founded"),
        (Field("organisation", Kind.REFERENCE), Field("did", Kind.TEXT)),
    )
)
KEY_ADDED = register(
    EventType(
        "credentials.key.added",
        _("Issuer's key added"),
        (
            Field("key", Kind.TEXT),
            Field("public_key", Kind.TEXT),
            Field("valid_from", Kind.TIME),
            Field("valid_until", Kind.TIME, optional=True),
        ),
    )
)
KEY_RETIRED = register(
    EventType(
        "credentials.key.retired",
        _("Issuer's key retired"),
        (Field("key", Kind.TEXT), Field("valid_until", Kind.TIME)),
    )
)
KEY_REVOKED = register(
    EventType(
        "credentials.key.revoked",
        _("Issuer's key revoked"),
        (Field("key", Kind.TEXT), Field("revoked_at", Kind.TIME), Field("reason", Kind.TEXT)),
    )
)
KEYS_SEALED_ANEW = register(
    EventType(
        "credentials.keys.sealed_anew",
        _("Private keys sealed under a new key"),
        (Field("count", Kind.INTEGER),),
    )
)
ACHIEVEMENT_DEFINED = register(
    EventType(
        "credentials.achievement.defined",
        _("Achievement defined"),
        (Field("issuer", Kind.REFERENCE), Field("code", Kind.TEXT), Field("name_zh", Kind.TEXT)),
    )
)
VERSION_CHANGED = register(
    EventType(
        "credentials.version.changed",
        _("Achievement changed"),
        (Field("achievement", Kind.REFERENCE), Field("number", Kind.INTEGER), Field("digest", Kind.TEXT)),
    )
)
VERSION_FROZEN = register(
    EventType(
        "credentials.version.frozen",
        _("Achievement frozen"),
        (Field("achievement", Kind.REFERENCE), Field("number", Kind.INTEGER), Field("digest", Kind.TEXT)),
    )
)
ACHIEVEMENT_RETIRED = register(
    EventType("credentials.achievement.retired", _("Achievement retired"), (Field("retired_on", Kind.DATE),))
)
# What a verifier reads in the file of a certificate, so it names nobody: the hash of the signed credential alone.
CERTIFICATE_ISSUED = register(
    EventType("credentials.certificate.issued", _("Certificate issued"), (Field("credential", Kind.TEXT),))
)
CREDENTIAL_SIGNED = register(
    EventType(
        "credentials.credential.signed",
        _("Credential signed for a program"),
        (Field("organisation", Kind.REFERENCE), Field("credential", Kind.TEXT)),
    )
)
# Who issued what: `root` is the Merkle root over the certificates' hashes, in the order in which they were logged.
CERTIFICATES_ISSUED = register(
    EventType(
        "credentials.version.issued",
        _("Certificates of an achievement issued"),
        (
            Field("achievement", Kind.REFERENCE),
            Field("number", Kind.INTEGER),
            Field("count", Kind.INTEGER),
            Field("root", Kind.TEXT),
            Field("replaces", Kind.REFERENCE, optional=True),
        ),
    )
)
CERTIFICATE_REVOKED = register(
    EventType(
        "credentials.certificate.revoked",
        _("Certificate revoked"),
        (Field("reason", Kind.TEXT), Field("note", Kind.TEXT, personal=True, optional=True)),
    )
)
CERTIFICATE_SUSPENDED = register(
    EventType(
        "credentials.certificate.suspended",
        _("Certificate suspended"),
        (Field("reason", Kind.TEXT), Field("note", Kind.TEXT, personal=True, optional=True)),
    )
)
SUSPENSION_LIFTED = register(
    EventType(
        "credentials.certificate.cleared",
        _("Suspension lifted"),
        (Field("reason", Kind.TEXT), Field("note", Kind.TEXT, personal=True, optional=True)),
    )
)
CERTIFICATE_SHARED = register(
    EventType(
        "credentials.certificate.shared",
        _("Certificate shared"),
        (
            Field("holder", Kind.PERSON),
            Field("organisation", Kind.REFERENCE, optional=True),
            Field("expires_at", Kind.TIME),
            Field("disclosed", Kind.INTEGER, many=True),
            Field("shows_name", Kind.BOOLEAN),
        ),
    )
)
SHARE_WITHDRAWN = register(
    EventType("credentials.share.withdrawn", _("Share withdrawn"), (Field("holder", Kind.PERSON),))
)
BUNDLE_DOWNLOADED = register(
    EventType(
        "credentials.bundle.downloaded",
        _("Certificate downloaded"),
        (Field("holder", Kind.PERSON), Field("disclosed", Kind.INTEGER, many=True)),
    )
)
MISMATCH_REPORTED = register(
    EventType(
        "credentials.mismatch.reported",
        _("Mismatch reported"),
        (Field("certificate", Kind.REFERENCE, optional=True), Field("text", Kind.TEXT, personal=True)),
    )
)
MISMATCH_ANSWERED = register(
    EventType(
        "credentials.mismatch.answered",
        _("Report of a mismatch answered"),
        (Field("state", Kind.TEXT), Field("answer", Kind.TEXT, personal=True)),
    )
)
API_KEY_MADE = register(
    EventType(
        "credentials.program.admitted",
        _("Key of a program made"),
        (Field("organisation", Kind.REFERENCE), Field("scopes", Kind.TEXT, many=True)),
    )
)
API_KEY_REVOKED = register(
    EventType(
        "credentials.program.revoked",
        _("Key of a program revoked"),
        (Field("organisation", Kind.REFERENCE),),
    )
)
MAPPING_RECORDED = register(
    EventType(
        "credentials.mapping.recorded",
        _("Mapping to a framework recorded"),
        (
            Field("achievement", Kind.REFERENCE),
            Field("framework", Kind.TEXT),
            Field("identifier", Kind.TEXT),
            Field("standing", Kind.TEXT),
            Field("source", Kind.TEXT),
        ),
    )
)
MAPPING_ENDED = register(
    EventType("credentials.mapping.ended", _("Mapping to a framework ended"), (Field("day", Kind.DATE),))
)
RECOGNITION_RECORDED = register(
    EventType(
        "credentials.recognition.recorded",
        _("Agreement of recognition recorded"),
        (
            Field("name_zh", Kind.TEXT),
            Field("source", Kind.TEXT),
            Field("evidence", Kind.TEXT, optional=True),
            Field("achievements", Kind.REFERENCE, many=True),
        ),
    )
)
RECOGNITION_CONFIRMED = register(
    EventType(
        "credentials.recognition.confirmed",
        _("Agreement of recognition confirmed"),
        (Field("evidence", Kind.TEXT),),
    )
)
RECOGNITION_ENDED = register(
    EventType("credentials.recognition.ended", _("Agreement of recognition ended"), (Field("day", Kind.DATE),))
)
