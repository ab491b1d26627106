"""From rows to signed documents: what of an achievement, a holder and a slot stands in the credential.

The form is `trust.credential`'s; here is decided which of our records fill it. The holder is named by a salted hash of
the e-mail address and a masked name alone.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings

from ronghe.apps.accounts.models import Person
from ronghe.apps.credentials import dids
from ronghe.apps.credentials.models import AchievementVersion, Issuer, StatusList
from ronghe.apps.credentials.suites import BY_KEY
from ronghe.trust import credential as trust
from ronghe.trust.multibase import encode_base64url
from ronghe.trust.path import PathRoot
from ronghe.trust.status_list import REVOCATION, SUSPENSION, StatusEntry

_IDENTITY = "emailAddress"


class Fillable(Protocol):
    """What a certificate needs beyond its achievement."""

    @property
    def uid(self) -> UUID: ...  # pragma: no cover
    @property
    def person(self) -> Person: ...  # pragma: no cover
    @property
    def status_list(self) -> StatusList: ...  # pragma: no cover
    @property
    def slot(self) -> int: ...  # pragma: no cover
    @property
    def root(self) -> PathRoot | None: ...  # pragma: no cover
    @property
    def salt(self) -> str: ...  # pragma: no cover
    @property
    def valid_from(self) -> datetime: ...  # pragma: no cover
    @property
    def valid_until(self) -> datetime | None: ...  # pragma: no cover


def credential_id(uid: UUID) -> str:
    """Return the id of a certificate's credential: a name, not an address, so that it outlives the site's."""
    return f"urn:uuid:{uid}"


def status_entry(row: StatusList, slot: int) -> StatusEntry:
    """Return a certificate's slot in both lists of a row."""
    return StatusEntry(_addresses(settings.RONGHE_PUBLIC_URL, row.uid), slot)


@lru_cache(maxsize=64)
def _addresses(_site: str, uid: UUID) -> dict[str, str]:
    return {
        purpose: dids.public_address("credentials:status_list", uid, purpose) for purpose in (REVOCATION, SUSPENSION)
    }


def status_entries(
    row: StatusList, slot: int, purpose: str | None = None, *, by_key: bool = False
) -> list[dict[str, str]] | dict[str, str]:
    """Return `credentialStatus` for a slot: an entry a purpose, or the one entry of the `purpose` that is asked for.

    `by_key` names the lists that are signed under the did:key of the key.
    """
    lists = _addresses(settings.RONGHE_PUBLIC_URL, row.uid)
    if by_key:
        lists = {name: address + BY_KEY for name, address in lists.items()}
    entries = StatusEntry(lists, slot).as_json()
    return next((entry for entry in entries if entry["statusPurpose"] == purpose), entries)


@dataclass(frozen=True, slots=True)
class Template:
    """All that certificates of one version have in common."""

    issuer: Issuer
    achievement: trust.Achievement

    def fill(self, draft: Fillable) -> dict[str, Any]:
        """Return the unsigned credential of one certificate."""
        subject = trust.Subject.of(
            draft.person.email, salt=draft.salt, masked_name=masked(draft.person.name), identity_type=_IDENTITY
        )
        return trust.build_credential(
            id=credential_id(draft.uid),
            issuer=self.issuer.did,
            issuer_name=self.issuer.organisation.name_zh,
            subject=subject,
            achievement=self.achievement,
            valid_from=draft.valid_from,
            valid_until=draft.valid_until,
            status=status_entry(draft.status_list, draft.slot),
            path=draft.root,
        )


def own_places(draft: Fillable) -> tuple[tuple[str | int, ...], ...]:
    """Return the places at which certificates of one version and one issue differ, for a stencil."""
    subject = ("credentialSubject",)
    identifier = (*subject, "identifier", 0)
    places: list[tuple[str | int, ...]] = [("id",), (*identifier, "identityHash"), (*identifier, "salt")]
    if draft.person.name:
        places.append((*subject, "name"))
    for number in range(2):
        places += [("credentialStatus", number, name) for name in ("id", "statusListCredential")]
    places.append(("credentialStatus", 0, "statusListIndex"))
    if draft.root is not None:
        places.append(("evidence", 0, "id"))
    return tuple(places)


def own_values(draft: Fillable) -> list[str]:
    """Return what stands at those places, in their order; a stencil compares them with whole documents first."""
    values = [credential_id(draft.uid), trust.identity_hash(draft.person.email, draft.salt), draft.salt]
    if draft.person.name:
        values.append(masked(draft.person.name))
    for address in status_entry(draft.status_list, draft.slot).lists.values():
        values += [f"{address}#{draft.slot}", address]
    values.append(str(draft.slot))
    if draft.root is not None:
        values.append(f"ni:///sha-256;{encode_base64url(draft.root.root)[1:]}?size={draft.root.size}")
    return values


def template(version: AchievementVersion) -> Template:
    """Return what every certificate of a version says."""
    skills = tuple(
        trust.SkillReference(
            name_zh=f"{one.skill.name_zh}（{one.skill_level} 级）",
            name_en=f"{one.skill.name_en} (level {one.skill_level})",
            url=f"urn:ronghe:skill:{one.skill.code}",
            code=one.skill.code,
        )
        for one in version.skills.select_related("skill")
    )
    achievement = trust.Achievement(
        id=f"urn:uuid:{version.uid}",
        name_zh=version.name_zh,
        name_en=version.name_en,
        criteria_zh=version.criteria_zh,
        criteria_en=version.criteria_en,
        type=version.type,
        worker_level=version.worker_level,
        eqf_level=version.eqf_level,
        skills=skills,
    )
    return Template(version.achievement.issuer, achievement)


def masked(name: str) -> str:
    """Return a name of which only the beginning is told: 张** or L**."""
    return f"{name[:1]}**" if name else ""
