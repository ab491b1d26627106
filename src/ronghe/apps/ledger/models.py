"""The rows of the log. All but the queue and the index of mentions refuse UPDATE and DELETE by trigger (`triggers.py`).

Row ids are not log order: an event's place in the log is the index of its leaf.
"""

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class KeyOfEvent(models.OneToOneField):  # type: ignore[type-arg]
    """The event as the primary key of a row of its own.

    On SQLite only a column called "integer" is the row id itself; as "bigint" the key would be a second index to write.
    """

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        return "integer" if connection.vendor == "sqlite" else super().db_type(connection)


class Event(models.Model):
    """Something that happened, inserted by the transaction that caused it and never changed."""

    type = models.CharField(_("type"), max_length=100)
    subject = models.CharField(_("subject"), max_length=200)
    recorded_at = models.DateTimeField(_("recorded at"))
    digest = models.BinaryField(_("salted digest of the payload"), max_length=32)
    authentication = models.BinaryField(_("authentication"), max_length=32)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["subject", "id"], name="ledger_event_by_subject"),
            models.Index(fields=["type", "id"], name="ledger_event_by_type"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.subject}"


class Payload(models.Model):
    """What the digest of an event stands for. Erasing nulls salt and content and names the event that erased."""

    event = KeyOfEvent(Event, on_delete=models.PROTECT, primary_key=True)
    salt = models.BinaryField(max_length=32, null=True)
    # Text and not jsonb, because the digest is over these very bytes; null, because an erased one has none.
    content = models.TextField(null=True)  # noqa: DJ001
    # Indexed below: an index of every payload would be written with each event, for the few that are ever erased.
    erased_by = models.ForeignKey(Event, on_delete=models.PROTECT, null=True, related_name="erased", db_index=False)

    class Meta:
        verbose_name = _("payload")
        verbose_name_plural = _("payloads")
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["erased_by"], condition=models.Q(erased_by__isnull=False), name="ledger_payload_by_erasure"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(salt__isnull=False, content__isnull=False, erased_by__isnull=True)
                | models.Q(salt__isnull=True, content__isnull=True, erased_by__isnull=False),
                name="ledger_payload_whole_or_erased",
            )
        ]

    def __str__(self) -> str:
        return f"payload of {self.event_id}"


class Mention(models.Model):
    """An index from people to the payloads that are about them, or that tell what they did."""

    class Role(models.TextChoices):
        ABOUT = "about", _("about this person")
        ACTOR = "actor", _("done by this person")

    # The unique constraint below indexes the event already.
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="mentions", db_index=False)
    person = models.UUIDField(_("person"))
    role = models.CharField(_("role"), max_length=5, choices=Role.choices)

    class Meta:
        verbose_name = pgettext_lazy("of a person", "mention")
        verbose_name_plural = pgettext_lazy("of people", "mentions")
        default_permissions = ()
        # The event before the role: what a person did to their own is then two neighbours on one page.
        indexes = [models.Index(fields=["person", "event", "role"], name="ledger_mention_by_person")]
        constraints = [
            models.UniqueConstraint(fields=["event", "person", "role"], name="ledger_mention_once"),
            models.CheckConstraint(condition=models.Q(role__in=["about", "actor"]), name="ledger_mention_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.role} {self.event_id}"


class Unsealed(models.Model):
    """The queue of events that have no leaf yet."""

    event = KeyOfEvent(Event, on_delete=models.PROTECT, primary_key=True)

    class Meta:
        verbose_name = _("unsealed event")
        verbose_name_plural = _("unsealed events")
        default_permissions = ()

    def __str__(self) -> str:
        return f"unsealed {self.event_id}"


class Leaf(models.Model):
    """An event's place in the log; indexes run from 0 without a gap."""

    index = models.BigIntegerField(_("index"), primary_key=True)
    event = models.OneToOneField(Event, on_delete=models.PROTECT)
    hash = models.BinaryField(_("leaf hash"), max_length=32)
    authentication = models.BinaryField(_("authentication"), max_length=32)

    class Meta:
        verbose_name = _("leaf")
        verbose_name_plural = _("leaves")
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=models.Q(index__gte=0), name="ledger_leaf_index_not_negative")]

    def __str__(self) -> str:
        return f"leaf {self.index}"


class Subtree(models.Model):
    """The root of 256**level leaves that start at number * 256**level; written when the last of them is sealed.

    Frontier and proofs are computed from these and from at most 255 leaves, so no row of the log is ever updated.
    """

    pk = models.CompositePrimaryKey("level", "number")
    level = models.SmallIntegerField(_("level"))
    number = models.BigIntegerField(_("number"))
    hash = models.BinaryField(_("hash"), max_length=32)

    class Meta:
        verbose_name = _("subtree")
        verbose_name_plural = _("subtrees")
        default_permissions = ()

    def __str__(self) -> str:
        return f"subtree {self.level}/{self.number}"


class Checkpoint(models.Model):
    """A signed head of the log. The same note is kept outside the database (`outside.py`)."""

    size = models.BigIntegerField(_("size"), primary_key=True)
    root = models.BinaryField(_("root"), max_length=32)
    note = models.TextField(_("signed note"))
    signed_at = models.DateTimeField(_("signed at"))

    class Meta:
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=models.Q(size__gt=0), name="ledger_checkpoint_size_positive")]

    def __str__(self) -> str:
        return f"checkpoint of {self.size}"


class Cosignature(models.Model):
    """A witness's signature line on a checkpoint, as it stands in the note. Append-only too (`witnesses.triggers`)."""

    checkpoint = models.ForeignKey(
        Checkpoint, on_delete=models.PROTECT, related_name="cosignatures", db_index=False, verbose_name=_("checkpoint")
    )
    witness = models.CharField(_("witness"), max_length=200)
    line = models.TextField(_("signature line"))
    signed_at = models.DateTimeField(_("signed at"))

    class Meta:
        verbose_name = _("cosignature")
        verbose_name_plural = _("cosignatures")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["checkpoint", "witness"], name="ledger_cosignature_once")]

    def __str__(self) -> str:
        return f"{self.witness} on {self.checkpoint_id}"


class Anchor(models.Model):
    """That a checkpoint was recorded on an EVM chain, with the proof of it. Append-only too (`anchor_triggers`)."""

    checkpoint = models.ForeignKey(
        Checkpoint, on_delete=models.PROTECT, related_name="anchors", db_index=False, verbose_name=_("checkpoint")
    )
    chain = models.BigIntegerField(_("number of the chain"))
    contract = models.CharField(_("contract"), max_length=42)
    block = models.CharField(_("block"), max_length=66)
    block_number = models.BigIntegerField(_("number of the block"))
    block_time = models.DateTimeField(_("time of the block"))
    transaction = models.CharField(_("transaction"), max_length=66)
    # The very text that is handed out, of `trust.anchor`.
    proof = models.TextField(_("proof"))

    class Meta:
        verbose_name = _("anchor")
        verbose_name_plural = _("anchors")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["checkpoint", "chain", "contract", "block"], name="ledger_anchor_once")
        ]

    def __str__(self) -> str:
        return f"{self.checkpoint_id} in block {self.block_number} of {self.chain}"


class Timestamp(models.Model):
    """That an authority stamped a checkpoint, with its answer (RFC 3161). Append-only too (`anchor_triggers`)."""

    checkpoint = models.ForeignKey(
        Checkpoint, on_delete=models.PROTECT, related_name="timestamps", verbose_name=_("checkpoint")
    )
    authority = models.CharField(_("time-stamping authority"), max_length=300)
    stamped_at = models.DateTimeField(_("stamped at"))
    answer = models.BinaryField(_("answer of the authority"))

    class Meta:
        verbose_name = _("time stamp")
        verbose_name_plural = _("time stamps")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.authority} on {self.checkpoint_id}"


class WitnessContact(models.Model):
    """How a witness answered when it was last asked. Not part of the log: it tells the operator whom to call."""

    class State(models.TextChoices):
        SIGNED = "signed", _("signed")
        UNREACHABLE = "unreachable", _("cannot be reached")
        REFUSED = "refused", _("refused to sign")
        CONFLICT = "conflict", _("holds another history")

    witness = models.CharField(_("witness"), max_length=200, primary_key=True)
    state = models.CharField(_("state"), max_length=11, choices=State.choices)
    detail = models.TextField(_("what it said"), blank=True)
    asked_at = models.DateTimeField(_("asked at"))

    class Meta:
        verbose_name = _("contact with a witness")
        verbose_name_plural = _("contacts with witnesses")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["signed", "unreachable", "refused", "conflict"]),
                name="ledger_witness_contact_state_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.witness}: {self.state}"
