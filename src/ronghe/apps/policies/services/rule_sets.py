"""Rule sets are reviewed like code: one person proposes a version, another publishes or refuses it."""

from importlib.resources import files
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.policies import content, events, loading
from ronghe.apps.policies.models import RuleSet, RuleSetVersion, VersionState
from ronghe.trust.canonical import canonical_json

LONGEST_NOTE = 500


class NotProposed(Exception):
    """The version was decided on meanwhile."""

    def __init__(self, version: RuleSetVersion) -> None:
        super().__init__(_("This version is no longer a proposal: %(state)s.") % {"state": version.get_state_display()})
        self.version = version


def _payload(version: RuleSetVersion, note: str) -> dict[str, Any]:
    return {
        "code": version.rule_set.code,
        "digest": version.digest,
        "number": version.number,
        **({"note": note} if note else {}),
    }


def said(text: str, field: str, problem: str, longest: int = LONGEST_NOTE) -> str:
    """`text` without blanks at its ends. Raises ValidationError at `field` when nothing, or too much, is left."""
    text = text.strip()
    if not text or len(text) > longest:
        raise ValidationError(
            {field: problem if not text else _("Use at most %(most)s characters.") % {"most": longest}}
        )
    return text


@transaction.atomic
def propose_version(
    *, actor: Person, text: str, note: str, code: str = "", filename: str = "rules.toml"
) -> RuleSetVersion:
    """Propose a rule set, or a new version of set `code`, from its TOML text.

    Raises `loading.RuleSetRefused` for a text that cannot be loaded, and ValidationError when the text is of another
    set, changes nothing, or a proposal waits already.
    """
    demand(actor, "policies.propose_rule_set")
    note = said(note, "note", _("Say what changes and why."))
    version = _propose(text, filename, note, proposed_by=actor, code=code)
    ledger.record(actor=actor, type=events.VERSION_PROPOSED, subject=version, payload=_payload(version, note))
    return version


def _propose(text: str, filename: str, note: str, *, proposed_by: Person | None, code: str = "") -> RuleSetVersion:
    normal = loading.load(text, filename=filename)
    if code and normal["code"] != code:
        raise ValidationError(
            {"text": _("This is the set “%(other)s”, not “%(code)s”.") % {"other": normal["code"], "code": code}}
        )
    rule_set, _made = RuleSet.objects.get_or_create(code=normal["code"])
    rule_set = RuleSet.objects.select_for_update().get(pk=rule_set.pk)
    versions = list(rule_set.versions.order_by("-number"))
    digest = content.digest_of(normal)
    if any(one.state == VersionState.PROPOSED for one in versions):
        raise ValidationError({"text": _("A proposal waits already. Decide on it first.")})
    published = next((one for one in versions if one.state == VersionState.PUBLISHED), None)
    if published is not None and published.digest == digest:
        raise ValidationError({"text": _("This says what the published version says. Nothing would change.")})
    return RuleSetVersion.objects.create(
        rule_set=rule_set,
        number=versions[0].number + 1 if versions else 1,
        source_text=text,
        content=canonical_json(normal).decode(),
        digest=digest,
        note=note,
        proposed_by=proposed_by,
    )


def _take(version: RuleSetVersion) -> RuleSetVersion:
    found = RuleSetVersion.objects.select_for_update().select_related("rule_set").get(pk=version.pk)
    if found.state != VersionState.PROPOSED:
        raise NotProposed(found)
    return found


@transaction.atomic
def publish_version(*, actor: Person, version: RuleSetVersion, note: str = "") -> RuleSetVersion:
    """Publish a proposal of another person: from now on its rules count. Raises NotProposed and PermissionDenied.

    The metrics are looked at again: raises `loading.RuleSetRefused` when one has changed since the proposal.
    """
    version = _take(version)
    demand(actor, "policies.publish_rule_set", version)
    loading.load(version.source_text, filename=f"{version.rule_set.code}.toml")
    return _decide(actor, version, VersionState.PUBLISHED, note.strip()[:LONGEST_NOTE])


@transaction.atomic
def refuse_version(*, actor: Person, version: RuleSetVersion, note: str) -> RuleSetVersion:
    """Refuse a proposal with a reason; who proposed it may withdraw it the same way. Raises NotProposed."""
    demand(actor, "policies.propose_rule_set")
    note = said(note, "note", _("Say why it is refused."))
    version = _take(version)
    if version.proposed_by_id == actor.pk:
        # The database wants another person as the one who decided; who withdraws decided nothing.
        version.proposed_by = None
    return _decide(actor, version, VersionState.REFUSED, note)


def _decide(actor: Person, version: RuleSetVersion, state: VersionState, note: str) -> RuleSetVersion:
    version.state, version.decided_by, version.decided_at, version.decision_note = state, actor, timezone.now(), note
    version.save()
    kind = events.VERSION_PUBLISHED if state == VersionState.PUBLISHED else events.VERSION_REFUSED
    ledger.record(actor=actor, type=kind, subject=version, payload=_payload(version, note))
    return version


@transaction.atomic
def load_shipped(*, actor: Person) -> list[RuleSetVersion]:
    """Publish the rule sets that come with the platform where no version of them stands yet."""
    demand(actor, "policies.publish_rule_set")
    known = set(RuleSet.objects.values_list("code", flat=True))
    published = []
    for file in sorted((files("ronghe.apps.policies") / "data").iterdir(), key=lambda one: one.name):
        if not file.name.endswith(".toml") or file.name.removesuffix(".toml") in known:
            continue
        note = _("Comes with the platform.")
        version = _propose(file.read_text(encoding="utf-8"), file.name, note, proposed_by=None)
        published.append(_decide(actor, version, VersionState.PUBLISHED, note))
    return published
