"""The rows of the credit bank: accounts, dated rules, achievements, and the book, which is only ever added to."""

from ronghe.apps.credits.models.accounts import HUNDREDTHS, Account, AccountKind, Closing, credits_of, hundredths_of
from ronghe.apps.credits.models.achievements import Achievement, AchievementState, Counted
from ronghe.apps.credits.models.book import Entry, Lot, Transaction, TransactionKind
from ronghe.apps.credits.models.corrections import Correction
from ronghe.apps.credits.models.rules import ConversionRule, Partner, ProgrammeTarget, Source
from ronghe.apps.credits.models.stated import Stated

__all__ = [
    "HUNDREDTHS",
    "Account",
    "AccountKind",
    "Achievement",
    "AchievementState",
    "Closing",
    "ConversionRule",
    "Correction",
    "Counted",
    "Entry",
    "Lot",
    "Partner",
    "ProgrammeTarget",
    "Source",
    "Stated",
    "Transaction",
    "TransactionKind",
    "credits_of",
    "hundredths_of",
]
