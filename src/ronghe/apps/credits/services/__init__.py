"""What can be done in the credit bank: decide rules, confirm achievements, deposit, use, move, reverse."""

from ronghe.apps.credits.services.accounts import close_accounts
from ronghe.apps.credits.services.achievements import (
    claim_achievement,
    collect_achievements,
    confirm_achievement,
    refuse_achievement,
)
from ronghe.apps.credits.services.correcting import Corrected, ask_correction, correct, refuse_correction
from ronghe.apps.credits.services.courses import Passed, record_courses
from ronghe.apps.credits.services.depositing import NoDeposit, deposit, deposit_many
from ronghe.apps.credits.services.moving import lapse_due, redeem, reverse
from ronghe.apps.credits.services.partners import confirm_partner, end_partner, name_partner
from ronghe.apps.credits.services.rules import end_rule, propose_rule, publish_rule, set_target, withdraw_rule
from ronghe.apps.credits.services.stating import file_of, make_statement
from ronghe.apps.credits.services.transfers import NotTaken, send, take_over

__all__ = [
    "Corrected",
    "NoDeposit",
    "NotTaken",
    "Passed",
    "ask_correction",
    "claim_achievement",
    "close_accounts",
    "collect_achievements",
    "confirm_achievement",
    "confirm_partner",
    "correct",
    "deposit",
    "deposit_many",
    "end_partner",
    "end_rule",
    "file_of",
    "lapse_due",
    "make_statement",
    "name_partner",
    "propose_rule",
    "publish_rule",
    "record_courses",
    "redeem",
    "refuse_achievement",
    "refuse_correction",
    "reverse",
    "send",
    "set_target",
    "take_over",
    "withdraw_rule",
]
