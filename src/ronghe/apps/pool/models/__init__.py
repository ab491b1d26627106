"""The rows of the pool: projects, what they made, who shares in it, who may use it, what it earned."""

from ronghe.apps.pool.models.assets import Asset, AssetKind, Ownership, Project
from ronghe.apps.pool.models.income import Distribution, Income, IncomeKind, Portion
from ronghe.apps.pool.models.shares import Share, ShareVersion, VersionState
from ronghe.apps.pool.models.use import Conversion, ConversionKind, ConversionState, Licence, LicenceKind, LicenceState

__all__ = [
    "Asset",
    "AssetKind",
    "Conversion",
    "ConversionKind",
    "ConversionState",
    "Distribution",
    "Income",
    "IncomeKind",
    "Licence",
    "LicenceKind",
    "LicenceState",
    "Ownership",
    "Portion",
    "Project",
    "Share",
    "ShareVersion",
    "VersionState",
]
