"""Assets: recorded one by one or from a file, changed in place, lapsed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.revision import take_revision
from ronghe.apps.ledger.services import Entry
from ronghe.apps.pool import events
from ronghe.apps.pool.models import Asset, Ownership, Project
from ronghe.apps.pool.registered_numbers import registered_number


@dataclass(frozen=True, slots=True)
class AssetData:
    """What is recorded of an asset. `owners` holds at least one organisation."""

    project: Project
    kind: str
    name_zh: str
    owners: Sequence[Organisation]
    name_en: str = ""
    number: str = ""
    registered_on: date | None = None
    summary: str = ""
    is_open: bool = True


@transaction.atomic
def record_asset(*, actor: Person, data: AssetData) -> Asset:
    """Record one asset of a project. Raises ValidationError by field."""
    demand(actor, "pool.record_asset", data.project)
    asset = _checked(actor, data)
    asset.save()
    _own([(asset, data)])
    ledger.record(actor=actor, type=events.ASSET_RECORDED, subject=asset, payload=_told(asset, data))
    return asset


@transaction.atomic
def record_assets(*, actor: Person, data: Sequence[AssetData]) -> int:
    """Record many assets, all or none; their rows were checked before. Returns how many."""
    demand(actor, "pool.import_assets")
    made = Asset.objects.bulk_create([_checked(actor, one, alone=False) for one in data])
    pairs = list(zip(made, data, strict=True))
    _own(pairs)
    ledger.record_many(
        actor=actor,
        entries=[Entry(events.ASSET_RECORDED, asset, _told(asset, one)) for asset, one in pairs],
    )
    return len(made)


def _checked(actor: Person, data: AssetData, *, alone: bool = True) -> Asset:
    """The asset that is recorded. With `alone` uniqueness is asked of the database here, else where it is saved."""
    if not data.owners:
        raise ValidationError({"owners": _("Name at least one owner.")})
    if data.registered_on is not None and data.registered_on > timezone.localdate():
        raise ValidationError({"registered_on": _("This day is still to come.")})
    asset = Asset(
        project=data.project,
        kind=data.kind,
        name_zh=data.name_zh.strip(),
        name_en=data.name_en.strip(),
        number=registered_number(data.kind, data.number),
        registered_on=data.registered_on,
        summary=data.summary.strip(),
        is_open=data.is_open,
        recorded_by=actor,
    )
    asset.clean_fields(exclude=None if alone else {"project", "recorded_by"})
    if alone:
        _refuse_twin(asset)
    return asset


def _refuse_twin(asset: Asset) -> None:
    if asset.number and Asset.objects.filter(kind=asset.kind, number=asset.number).exclude(pk=asset.pk).exists():
        raise ValidationError({"number": _("An asset with this number is recorded already.")})


def _own(pairs: Sequence[tuple[Asset, AssetData]]) -> None:
    today = timezone.localdate()
    Ownership.objects.bulk_create(
        [
            Ownership(asset=asset, organisation=owner, valid_from=min(data.registered_on or today, today))
            for asset, data in pairs
            for owner in dict.fromkeys(data.owners)
        ]
    )


def _told(asset: Asset, data: AssetData) -> dict[str, object]:
    return {
        "project": data.project,
        "kind": asset.kind,
        "name_zh": asset.name_zh,
        "owners": list(dict.fromkeys(data.owners)),
        **({"number": asset.number} if asset.number else {}),
        **({"registered_on": asset.registered_on} if asset.registered_on else {}),
    }


CHANGEABLE = ("name_zh", "name_en", "number", "registered_on", "summary", "is_open")


@transaction.atomic
def change_asset(*, actor: Person, asset: Asset, revision: int, **fields: object) -> Asset:
    """Change what is written of an asset (`CHANGEABLE`). Raises ValidationError, StaleRevision."""
    demand(actor, "pool.change_asset", asset)
    asset = take_revision(Asset, asset.pk, expected=revision)
    if unknown := fields.keys() - set(CHANGEABLE):
        raise ValueError(f"an asset has nothing to change called {sorted(unknown)}")
    before = {name: getattr(asset, name) for name in fields}
    for name, value in fields.items():
        setattr(asset, name, value.strip() if isinstance(value, str) else value)
    asset.number = registered_number(asset.kind, asset.number)
    asset.clean_fields()
    _refuse_twin(asset)
    asset.save()
    changed = sorted(name for name in fields if getattr(asset, name) != before[name])
    ledger.record(actor=actor, type=events.ASSET_CHANGED, subject=asset, payload={"changed": changed})
    return asset


@transaction.atomic
def lapse_asset(*, actor: Person, asset: Asset, lapsed_on: date, revision: int) -> Asset:
    """Say that an asset is protected no longer: it keeps its history and takes no new licence from that day on."""
    demand(actor, "pool.change_asset", asset)
    asset = take_revision(Asset, asset.pk, expected=revision)
    if lapsed_on > timezone.localdate():
        raise ValidationError({"lapsed_on": _("This day is still to come.")})
    if asset.registered_on is not None and lapsed_on < asset.registered_on:
        raise ValidationError({"lapsed_on": _("This day lies before the asset was registered.")})
    asset.lapsed_on = lapsed_on
    asset.save()
    ledger.record(actor=actor, type=events.ASSET_LAPSED, subject=asset, payload={"lapsed_on": lapsed_on})
    return asset
