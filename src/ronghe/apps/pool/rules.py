"""Who may do what in the pool: owners offer and record, contributors agree, adopters confirm."""

from typing import Any

from ronghe.apps.agreements.models import Signatory
from ronghe.apps.agreements.models.agreements import speaks_for
from ronghe.apps.community import standing
from ronghe.apps.community.models import Organisation, RoleKind
from ronghe.apps.community.rules import is_office, is_signed_in, permit, predicate
from ronghe.apps.pool.models import Asset, Conversion, Income, Licence, Ownership, Project, Share, VersionState

_ACT_FOR = {RoleKind.ENTERPRISE_HR, RoleKind.TEACHER}


def acts_for(user: Any) -> set[int]:
    """Organisations for which a person records projects: as HR, teacher or signatory."""
    if not standing.is_signed_in(user):
        return set()
    return standing.organisations(user, _ACT_FOR) | speaks_for(user)


def is_contributor(user: Any, asset: Asset) -> bool:
    """Whether the person was ever named as a contributor of the asset."""
    return Share.objects.filter(version__asset=asset, person=user).exists()


@predicate
def acts_for_host(user: Any, host: Organisation | None) -> bool:
    """Acts for the organisation; asked without one, for any."""
    return bool(acts_for(user)) if host is None else host.pk in acts_for(user)


@predicate
def acts_for_its_host(user: Any, project: Project | None) -> bool:
    """Acts for the host of the project."""
    return project is not None and project.host_id in acts_for(user)


@predicate
def takes_part(user: Any, project: Project | None) -> bool:
    """Acts for the host or a partner of the project."""
    if project is None:
        return False
    mine = acts_for(user)
    return bool(mine) and (project.host_id in mine or project.partners.filter(pk__in=mine).exists())


@predicate
def speaks_for_an_owner(user: Any, asset: Asset | None) -> bool:
    """HR or a signatory of an organisation that owns the asset as far as is known now."""
    mine = speaks_for(user)
    return (
        asset is not None
        and bool(mine)
        and Ownership.objects.known().filter(asset=asset, organisation__in=mine, valid_until__isnull=True).exists()
    )


@predicate
def recorded_it(user: Any, asset: Asset | None) -> bool:
    """Who recorded the asset."""
    return asset is not None and asset.recorded_by_id == user.pk


@predicate
def contributes(user: Any, asset: Asset | None) -> bool:
    """A contributor of the asset."""
    return asset is not None and is_contributor(user, asset)


@predicate
def sees_money(user: Any, asset: Asset | None) -> bool:
    """Whoever finds the asset among those whose money is open to them."""
    return asset is not None and Asset.objects.with_money_for(user).filter(pk=asset.pk).exists()


@predicate
def holds_share(user: Any, share: Share | None) -> bool:
    """The very person, or a signatory of the organisation, while the version waits for them."""
    if share is None or share.version.state != VersionState.ASKED or share.agreed_at is not None:
        return False
    if share.organisation_id is None:
        return bool(share.person_id == user.pk)
    return Signatory.objects.filter(
        person=user, organisation=share.organisation_id, superseded_at__isnull=True
    ).exists()


@predicate
def speaks_for_licensee(user: Any, licence: Licence | None) -> bool:
    """HR or a signatory of the licensee who did not offer the licence."""
    return licence is not None and licence.licensee_id in speaks_for(user) and licence.offered_by_id != user.pk


@predicate
def is_side_of_licence(user: Any, licence: Licence | None) -> bool:
    """HR or a signatory of an owner or of the licensee."""
    if licence is None:
        return False
    return licence.licensee_id in speaks_for(user) or speaks_for_an_owner.test(user, licence.asset)


@predicate
def adopted_it(user: Any, conversion: Conversion | None) -> bool:
    """HR or a signatory of the party, who neither claimed the conversion nor contributed to the asset."""
    if conversion is None:
        return False
    return (
        conversion.party_id in speaks_for(user)
        and conversion.claimed_by_id != user.pk
        and not is_contributor(user, conversion.asset)
    )


@predicate
def did_not_record_it(user: Any, income: Income | None) -> bool:
    """A second person: not the one who recorded the income."""
    return income is None or income.recorded_by_id != user.pk


permit("pool.view_pool", is_signed_in)
permit("pool.record_project", is_office | acts_for_host)
permit("pool.close_project", is_office | acts_for_its_host)
permit("pool.correct_close", is_office)
permit("pool.record_asset", is_office | takes_part)
permit("pool.change_asset", is_office | speaks_for_an_owner | recorded_it)
permit("pool.view_money", is_office | sees_money)
permit("pool.propose_shares", is_office | speaks_for_an_owner | recorded_it)
permit("pool.agree", holds_share)
permit("pool.offer_licence", is_office | speaks_for_an_owner)
permit("pool.decide_licence", speaks_for_licensee)
permit("pool.end_licence", is_office | is_side_of_licence)
permit("pool.claim_conversion", is_office | speaks_for_an_owner | recorded_it | contributes)
permit("pool.decide_conversion", adopted_it)
permit("pool.withdraw_conversion", is_office)
permit("pool.record_income", is_office | speaks_for_an_owner)
permit("pool.distribute", is_office & did_not_record_it)
permit("pool.reverse_income", is_office)
permit("pool.import_assets", is_office)
