"""What people do in the pool. Every verb checks the permission first and records one event at its end."""

from ronghe.apps.pool.services.assets import AssetData, change_asset, lapse_asset, record_asset, record_assets
from ronghe.apps.pool.services.conversions import (
    claim_conversion,
    confirm_conversion,
    refuse_conversion,
    withdraw_conversion,
)
from ronghe.apps.pool.services.income import distribute, record_income, reverse_income
from ronghe.apps.pool.services.licences import (
    end_licence,
    grant_licence,
    offer_licence,
    refuse_licence,
    withdraw_licence,
)
from ronghe.apps.pool.services.projects import close_project, record_project
from ronghe.apps.pool.services.shares import (
    NotConfirmed,
    ShareLine,
    agree,
    decline_shares,
    propose_shares,
    withdraw_shares,
)

__all__ = [
    "AssetData",
    "NotConfirmed",
    "ShareLine",
    "agree",
    "change_asset",
    "claim_conversion",
    "close_project",
    "confirm_conversion",
    "decline_shares",
    "distribute",
    "end_licence",
    "grant_licence",
    "lapse_asset",
    "offer_licence",
    "propose_shares",
    "record_asset",
    "record_assets",
    "record_income",
    "record_project",
    "refuse_conversion",
    "refuse_licence",
    "reverse_income",
    "withdraw_conversion",
    "withdraw_licence",
    "withdraw_shares",
]
